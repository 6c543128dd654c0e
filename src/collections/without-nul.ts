/**
 * A text without what PostgreSQL cannot store, characters of code 0 and halves of characters: the sign for an unknown character
 * stands in their place.
 */
export function withoutNul<T extends string | null>(text: T): T {
  return (text === null ? null : text.replaceAll('\0', '\uFFFD').toWellFormed()) as T;
}
