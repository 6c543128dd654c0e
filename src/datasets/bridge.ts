import { normalisedBook, normalisedPage } from './identifiers.ts';
import { isStep, step, type Watch } from './watch.ts';

export const BRIDGE_LEVELS = ['normalised', 'suffix'] as const;
export type BridgeLevel = (typeof BRIDGE_LEVELS)[number];

/** The candidates that meet an id at the first level where there are any: with more than one nothing is chosen. */
export interface Bridged {
  readonly level: BridgeLevel;
  readonly count: number;
  /** The first of them, in the candidates' order */
  readonly candidates: readonly string[];
}

/** What kind of id it is: how it is normalised, and the fewest of its last segments that say enough. */
export interface IdKind {
  readonly normalise: (id: string) => string;
  readonly fewestSegments: number;
}
export const PAGE_IDS: IdKind = { normalise: normalisedPage, fewestSegments: 2 };
export const BOOK_IDS: IdKind = { normalise: normalisedBook, fewestSegments: 1 };

const NAMED_CANDIDATES = 5;
/** Nobody nests books deeper, and a hostile id must not cost the square of its length. */
const MOST_SEGMENTS = 16;
/** Before the last segment of a candidate that has no other */
const ALONE = '/';

/**
 * For ids that no candidate equals: the candidates with the same normalised id; else those that share the longest suffix with
 * it, of two segments or more (book/page). An id of one segment meets those that end in it, from either side. Memory grows
 * with the ids, not with the candidates, which are gone through up to three times.
 * @param candidates every one once
 * @param onFound gets the place in `ids` of each that meets a candidate, in no order
 * @throws the signal's reason
 */
export async function bridge(
  ids: readonly string[],
  candidates: () => Iterable<string>,
  { normalise, fewestSegments }: IdKind,
  watch: Watch,
  onFound: (at: number, bridged: Bridged) => void,
): Promise<void> {
  const meet = async (wanted: WantedKeys, keysOf: (normalised: string) => readonly string[]): Promise<void> => {
    let done = 0;
    for (const candidate of candidates()) {
      for (const key of keysOf(normalise(candidate))) wanted.add(key, candidate);
      if (isStep(++done)) await step(watch, done, 'bridging');
    }
  };
  const normalised = ids.map(normalise);
  const same = new WantedKeys(normalised);
  await meet(same, (id) => [id]);
  const open: number[] = [];
  for (const [at, id] of normalised.entries()) {
    const bridged = same.found(id, 'normalised');
    if (bridged === undefined) open.push(at);
    else onFound(at, bridged);
  }
  if (open.length === 0) return;
  same.clear();

  // Whatever shares a long suffix shares a short one: the long ones are looked at only where that leaves a choice.
  const shortOf = (id: string) => lastSegments(id, fewestSegments);
  const aloneOf = (id: string) => ALONE + lastSegments(id, 1);
  const short = new WantedKeys(open.flatMap((at) => [shortOf(normalised[at]!), aloneOf(normalised[at]!)]));
  await meet(short, (id) => {
    const last = lastSegments(id, 1);
    if (last === id) return [id, aloneOf(id)];
    return fewestSegments === 1 ? [last] : [last, shortOf(id)];
  });
  const contested: [at: number, bridged: Bridged][] = [];
  for (const at of open) {
    const id = normalised[at]!;
    const bridged = short.found(shortOf(id), 'suffix') ?? short.found(aloneOf(id), 'suffix');
    if (bridged === undefined) continue;
    if (bridged.count > 1) contested.push([at, bridged]);
    else onFound(at, bridged);
  }
  if (contested.length === 0) return;

  const long = new WantedKeys(contested.flatMap(([at]) => suffixesOf(normalised[at]!, fewestSegments + 1)));
  await meet(long, (id) => suffixesOf(id, fewestSegments + 1));
  for (const [at, bridged] of contested) {
    const longest = suffixesOf(normalised[at]!, fewestSegments + 1).findLast((suffix) => long.has(suffix));
    onFound(at, longest === undefined ? bridged : long.found(longest, 'suffix')!);
  }
}

/** `"a", "b" and 3 more`; the first few are named. */
export function describeCandidates({ count, candidates }: Pick<Bridged, 'count' | 'candidates'>): string {
  const named = candidates.slice(0, NAMED_CANDIDATES).map((candidate) => JSON.stringify(candidate));
  const more = count > named.length ? ` and ${count - named.length} more` : '';
  return named.join(', ') + more;
}

/** The candidates of keys that are looked for. There are millions of keys, and most get one candidate or none. */
class WantedKeys {
  readonly #met: Map<string, string | { count: number; readonly candidates: string[] } | null>;

  constructor(keys: readonly string[]) {
    this.#met = new Map(keys.map((key) => [key, null]));
  }

  add(key: string, candidate: string): void {
    const met = this.#met.get(key);
    if (met === undefined) return;
    if (met === null) this.#met.set(key, candidate);
    else if (typeof met === 'string') this.#met.set(key, { count: 2, candidates: [met, candidate] });
    else if (++met.count <= NAMED_CANDIDATES) met.candidates.push(candidate);
  }

  has(key: string): boolean {
    return (this.#met.get(key) ?? null) !== null;
  }

  found(key: string, level: BridgeLevel): Bridged | undefined {
    const met = this.#met.get(key) ?? null;
    if (met === null) return undefined;
    return typeof met === 'string' ? { level, count: 1, candidates: [met] } : { level, ...met };
  }

  clear(): void {
    this.#met.clear();
  }
}

/** All of it where it has fewer. */
function lastSegments(id: string, count: number): string {
  let separator = id.length;
  for (let found = 0; found < count && separator >= 0; found++) separator = id.lastIndexOf('/', separator - 1);
  return id.slice(separator + 1);
}

/** The last so many segments, then one more, and so on. */
function suffixesOf(id: string, fewest: number): string[] {
  const suffixes: string[] = [];
  let separator = id.length;
  for (let count = 1; count <= MOST_SEGMENTS && separator > 0; count++) {
    separator = id.lastIndexOf('/', separator - 1);
    if (count >= fewest) suffixes.push(id.slice(separator + 1));
  }
  return suffixes;
}
