import type { ComponentChildren } from 'preact';
import './link-button.css';

interface LinkButtonProps {
  readonly href: string;
  readonly isSecondary?: boolean;
  readonly children: ComponentChildren;
}

/** A link that looks like a button, because it is the next thing to do. */
export function LinkButton({ href, isSecondary = false, children }: LinkButtonProps) {
  return (
    <a class={isSecondary ? 'link-button link-button-secondary' : 'link-button'} href={href}>
      {children}
    </a>
  );
}
