const MAX_CHARACTERS = 200;

/** Text out of a file, fit for a message of one line: clipped, with control and format characters escaped. */
export function escapeControlCharacters(text: string): string {
  const clipped = text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}...` : text;
  return clipped.replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16).padStart(4, '0')}}`,
  );
}
