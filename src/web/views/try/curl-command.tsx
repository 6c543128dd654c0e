import { useState } from 'preact/hooks';

/** The request for a shell, to copy. */
export function CurlCommand({ command }: { readonly command: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(command);
    setCopied(true);
  };
  return (
    <section>
      <h2>The same request in a shell</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard */}
      <pre class="curl-command" tabIndex={0}>
        <code>{command}</code>
      </pre>
      {/* Browsers give pages without encryption no clipboard: there the text can be marked. */}
      {navigator.clipboard && (
        <button type="button" class="secondary outline" onClick={copy}>
          Copy it
        </button>
      )}
      <span role="status">{isCopied && ' Copied.'}</span>
    </section>
  );
}
