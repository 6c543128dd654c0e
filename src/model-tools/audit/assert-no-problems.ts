import { WeightsError } from '../../weights/weights-error.ts';

const MAX_LISTED_KEYS = 40;

/**
 * Problems by their kind, each with the keys that have it.
 * @throws WeightsError with all of them in one line, where there are any
 */
export function assertNoProblems(file: string, problems: Readonly<Record<string, readonly string[]>>): void {
  const nonEmpty = Object.entries(problems).filter(([, keys]) => keys.length > 0);
  if (nonEmpty.length === 0) return;
  throw new WeightsError(`${file}: ${nonEmpty.map(([kind, keys]) => `${kind}: ${formatKeys(keys)}`).join('; ')}`);
}

/** The first of them where there are too many to read. */
function formatKeys(keys: readonly string[]): string {
  const remainingCount = keys.length - MAX_LISTED_KEYS;
  return keys.slice(0, MAX_LISTED_KEYS).join(', ') + (remainingCount > 0 ? ` and ${remainingCount} more` : '');
}
