import { normaliseBookName, normalisePageId } from './identifiers.ts';
import { isReportDue, type ProgressOptions, reportProgress } from './index-progress.ts';

export const MATCH_LEVELS = ['normalised', 'suffix'] as const;
export type MatchLevel = (typeof MATCH_LEVELS)[number];

/** The candidates that meet an id at the first level where there are any: with more than one nothing is chosen. */
export interface IdMatch {
  readonly level: MatchLevel;
  readonly count: number;
  /** The first of them, in the candidates' order */
  readonly candidates: readonly string[];
}

/** What kind of id it is: how it is normalised, and the fewest of its last segments that say enough. */
export interface IdKind {
  readonly normalise: (id: string) => string;
  readonly minSegments: number;
}
export const PAGE_IDS: IdKind = { normalise: normalisePageId, minSegments: 2 };
export const BOOK_IDS: IdKind = { normalise: normaliseBookName, minSegments: 1 };

const MAX_NAMED_CANDIDATES = 5;
/** Nobody nests books deeper, and a hostile id must not cost the square of its length. */
const MAX_SEGMENTS = 16;
/** Before the last segment of a candidate that has no other */
const SINGLE_SEGMENT_PREFIX = '/';

/**
 * For ids that no candidate equals: the candidates with the same normalised id; else those that share the longest suffix with
 * it, of two segments or more (book/page). An id of one segment meets those that end in it, from either side. Memory grows
 * with the ids, not with the candidates, which are gone through up to three times.
 * @param candidates every one once
 * @param onMatch gets the place in `ids` of each that meets a candidate, in no order
 * @throws the signal's reason
 */
export async function matchIdentifiers(
  ids: readonly string[],
  candidates: () => Iterable<string>,
  { normalise, minSegments }: IdKind,
  progress: ProgressOptions,
  onMatch: (index: number, match: IdMatch) => void,
): Promise<void> {
  const addCandidates = async (
    keyIndex: CandidatesByKey,
    keysFor: (normalised: string) => readonly string[],
  ): Promise<void> => {
    let done = 0;
    for (const candidate of candidates()) {
      for (const key of keysFor(normalise(candidate))) keyIndex.add(key, candidate);
      if (isReportDue(++done)) await reportProgress(progress, done, 'bridging');
    }
  };
  const normalised = ids.map(normalise);
  const byNormalisedId = new CandidatesByKey(normalised);
  await addCandidates(byNormalisedId, (id) => [id]);
  const unmatched: number[] = [];
  for (const [index, id] of normalised.entries()) {
    const match = byNormalisedId.match(id, 'normalised');
    if (match === undefined) unmatched.push(index);
    else onMatch(index, match);
  }
  if (unmatched.length === 0) return;
  byNormalisedId.clear();

  // Whatever shares a long suffix shares a short one: the long ones are looked at only where that leaves a choice.
  const shortSuffix = (id: string) => lastSegments(id, minSegments);
  const singleSegmentKey = (id: string) => SINGLE_SEGMENT_PREFIX + lastSegments(id, 1);
  const byShortSuffix = new CandidatesByKey(
    unmatched.flatMap((index) => [shortSuffix(normalised[index]!), singleSegmentKey(normalised[index]!)]),
  );
  await addCandidates(byShortSuffix, (id) => {
    const last = lastSegments(id, 1);
    if (last === id) return [id, singleSegmentKey(id)];
    return minSegments === 1 ? [last] : [last, shortSuffix(id)];
  });
  const ambiguous: [index: number, match: IdMatch][] = [];
  for (const index of unmatched) {
    const id = normalised[index]!;
    const match = byShortSuffix.match(shortSuffix(id), 'suffix') ?? byShortSuffix.match(singleSegmentKey(id), 'suffix');
    if (match === undefined) continue;
    if (match.count > 1) ambiguous.push([index, match]);
    else onMatch(index, match);
  }
  if (ambiguous.length === 0) return;

  const byLongSuffix = new CandidatesByKey(
    ambiguous.flatMap(([index]) => listSuffixes(normalised[index]!, minSegments + 1)),
  );
  await addCandidates(byLongSuffix, (id) => listSuffixes(id, minSegments + 1));
  for (const [index, match] of ambiguous) {
    const longestSuffix = listSuffixes(normalised[index]!, minSegments + 1).findLast((suffix) =>
      byLongSuffix.has(suffix),
    );
    onMatch(index, longestSuffix === undefined ? match : byLongSuffix.match(longestSuffix, 'suffix')!);
  }
}

/** `"a", "b" and 3 more`; the first few are named. */
export function describeCandidates({ count, candidates }: Pick<IdMatch, 'count' | 'candidates'>): string {
  const named = candidates.slice(0, MAX_NAMED_CANDIDATES).map((candidate) => JSON.stringify(candidate));
  const more = count > named.length ? ` and ${count - named.length} more` : '';
  return named.join(', ') + more;
}

/** The candidates of keys that are looked for. There are millions of keys, and most get one candidate or none. */
class CandidatesByKey {
  readonly #candidates: Map<string, string | { count: number; readonly candidates: string[] } | null>;

  constructor(keys: readonly string[]) {
    this.#candidates = new Map(keys.map((key) => [key, null]));
  }

  add(key: string, candidate: string): void {
    const matched = this.#candidates.get(key);
    if (matched === undefined) return;
    if (matched === null) this.#candidates.set(key, candidate);
    else if (typeof matched === 'string') this.#candidates.set(key, { count: 2, candidates: [matched, candidate] });
    else if (++matched.count <= MAX_NAMED_CANDIDATES) matched.candidates.push(candidate);
  }

  has(key: string): boolean {
    return (this.#candidates.get(key) ?? null) !== null;
  }

  match(key: string, level: MatchLevel): IdMatch | undefined {
    const matched = this.#candidates.get(key) ?? null;
    if (matched === null) return undefined;
    return typeof matched === 'string' ? { level, count: 1, candidates: [matched] } : { level, ...matched };
  }

  clear(): void {
    this.#candidates.clear();
  }
}

/** All of it where it has fewer. */
function lastSegments(id: string, count: number): string {
  let separator = id.length;
  for (let segments = 0; segments < count && separator >= 0; segments++) separator = id.lastIndexOf('/', separator - 1);
  return id.slice(separator + 1);
}

/** The last so many segments, then one more, and so on. */
function listSuffixes(id: string, minSegments: number): string[] {
  const suffixes: string[] = [];
  let separator = id.length;
  for (let count = 1; count <= MAX_SEGMENTS && separator > 0; count++) {
    separator = id.lastIndexOf('/', separator - 1);
    if (count >= minSegments) suffixes.push(id.slice(separator + 1));
  }
  return suffixes;
}
