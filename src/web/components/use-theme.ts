import { useEffect, useState } from 'preact/hooks';
import { useMediaQuery } from './use-media-query.ts';

export type Theme = 'light' | 'dark';

/** The theme that is shown, for what no style sheet reaches. */
export function useTheme(): Theme {
  const isSystemDark = useMediaQuery('(prefers-color-scheme: dark)');
  const [chosen, setChosen] = useState(() => document.documentElement.dataset['theme']);
  useEffect(() => {
    const observer = new MutationObserver(() => setChosen(document.documentElement.dataset['theme']));
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => observer.disconnect();
  }, []);
  return (chosen ?? (isSystemDark ? 'dark' : 'light')) === 'dark' ? 'dark' : 'light';
}
