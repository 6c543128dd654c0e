import { closest, distance } from 'fastest-levenshtein';

/** A key further away, as a fraction of the length of the wanted one, has nothing to do with it. */
const MAX_RELATIVE_DISTANCE = 0.4;
/** Names of weights are shorter. A hostile file may have longer ones, and the time grows with the square. */
const MAX_KEY_CHARACTERS = 200;
const MAX_COMPARED_KEYS = 5000;

/** The key that is written most like the wanted one, for messages; undefined where none is like it. */
export function findClosestKey(wanted: string, keys: Iterable<string>): string | undefined {
  const candidates = [...keys].filter((key) => key.length <= MAX_KEY_CHARACTERS).slice(0, MAX_COMPARED_KEYS);
  if (candidates.length === 0 || wanted.length > MAX_KEY_CHARACTERS) return undefined;
  const best = closest(wanted, candidates);
  return distance(wanted, best) <= wanted.length * MAX_RELATIVE_DISTANCE ? best : undefined;
}
