import { WeightsError } from '../../weights/weights-error.ts';

const LISTED_KEYS = 40;

/**
 * Problems by their kind, each with the keys that have it.
 * @throws WeightsError with all of them in one line, where there are any
 */
export function assertNoProblems(file: string, problems: Readonly<Record<string, readonly string[]>>): void {
  const found = Object.entries(problems).filter(([, keys]) => keys.length > 0);
  if (found.length === 0) return;
  throw new WeightsError(`${file}: ${found.map(([kind, keys]) => `${kind}: ${list(keys)}`).join('; ')}`);
}

/** The first of them where there are too many to read. */
function list(keys: readonly string[]): string {
  const rest = keys.length - LISTED_KEYS;
  return keys.slice(0, LISTED_KEYS).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
