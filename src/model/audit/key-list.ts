const LISTED_KEYS = 40;

/** Keys for a message, the first of them where there are too many to read. */
export function listKeys(keys: readonly string[]): string {
  const rest = keys.length - LISTED_KEYS;
  return keys.slice(0, LISTED_KEYS).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
