/** A text without characters of code 0, which PostgreSQL cannot store: the sign for an unknown character stands in their place. */
export function withoutNul<T extends string | null>(text: T): T {
  return (text === null ? null : text.replaceAll('\0', '\uFFFD')) as T;
}
