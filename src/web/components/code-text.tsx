/** A text of the API, whose names stand between backticks. */
export function CodeText({ text }: { readonly text: string }) {
  const parts = text.split('`');
  // A backtick without a partner is a sign like any other.
  if (parts.length % 2 === 0) return <>{text}</>;
  return <>{parts.map((part, i) => (i % 2 === 0 ? part : <code key={i}>{part}</code>))}</>;
}
