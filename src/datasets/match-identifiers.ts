import { elementAt } from '../util/arrays.ts';
import { normaliseBookName, normalisePageId, simplifyId } from './identifiers.ts';
import { isReportDue, type ProgressOptions, reportProgress } from './index-progress.ts';
import { isJoinedId, listSuffixes, SuffixKeys } from './suffix-keys.ts';

export const MATCH_LEVELS = ['normalised', 'simplified', 'suffix'] as const;
export type MatchLevel = (typeof MATCH_LEVELS)[number];

/** The candidates that match an id at the first level with any candidates. If there are several, none is chosen. */
export interface IdMatch {
  readonly level: MatchLevel;
  readonly count: number;
  /** The first candidates, in their order */
  readonly candidates: readonly string[];
}

/** A kind of id: how it is normalised, and how many last segments must match at least. */
export interface IdKind {
  readonly normalise: (id: string) => string;
  readonly minSegments: number;
}
export const PAGE_IDS: IdKind = { normalise: normalisePageId, minSegments: 2 };
export const BOOK_IDS: IdKind = { normalise: normaliseBookName, minSegments: 1 };

const MAX_NAMED_CANDIDATES = 5;

/**
 * Matches ids that no candidate equals exactly. An id matches the candidates with the same normalised id; if there are none,
 * those with the same simplified id; if there are none, the candidates that share the longest suffix with it, of `minSegments`
 * segments or more. If the id or the candidate has only one segment, the last segment is enough. Memory grows with the ids, not
 * with the candidates, which are iterated up to three times.
 * @param candidates all candidates, each once
 * @param onMatch called with the index of each id that matches, in no particular order
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
  const bySimplifiedId = new CandidatesByKey(ids.map((id) => simplifyId(normalise(id))));
  let hasJoinedCandidate = false;
  await addCandidates(bySimplifiedId, (id) => {
    hasJoinedCandidate ||= isJoinedId(id);
    return [simplifyId(id)];
  });
  const unmatched: number[] = [];
  for (const [index, id] of ids.entries()) {
    const normalised = normalise(id);
    const match = bySimplifiedId.match(simplifyId(normalised), 'simplified');
    if (match === undefined) unmatched.push(index);
    else onMatch(index, preferNormalised(match, normalised, normalise));
  }
  if (unmatched.length === 0) return;
  bySimplifiedId.clear();

  const bySuffix = new SuffixKeys(
    minSegments,
    unmatched.map((index) => normalise(elementAt(ids, index))),
    hasJoinedCandidate,
  );
  const byShortSuffix = new CandidatesByKey(bySuffix.ids.flatMap((id) => bySuffix.keysOfId(id)));
  await addCandidates(byShortSuffix, (id) => bySuffix.keysOfCandidate(id));
  const ambiguous: [index: number, suffixes: string[], match: IdMatch][] = [];
  for (const [i, id] of bySuffix.ids.entries()) {
    const index = elementAt(unmatched, i);
    const key = bySuffix.keysOfId(id).find((candidate) => byShortSuffix.has(candidate));
    const match = key === undefined ? undefined : byShortSuffix.match(key, 'suffix');
    if (match === undefined) continue;
    if (match.count > 1) ambiguous.push([index, listSuffixes(id, minSegments + 1), match]);
    else onMatch(index, match);
  }
  if (ambiguous.length === 0) return;

  const byLongSuffix = new CandidatesByKey(ambiguous.flatMap(([, suffixes]) => suffixes));
  await addCandidates(byLongSuffix, (id) => listSuffixes(id, minSegments + 1));
  for (const [index, suffixes, match] of ambiguous) {
    const longestSuffix = suffixes.findLast((suffix) => byLongSuffix.has(suffix));
    const longMatch = longestSuffix === undefined ? undefined : byLongSuffix.match(longestSuffix, 'suffix');
    onMatch(index, longMatch ?? match);
  }
}

/** Of candidates with the same simplified id, takes those whose normalised id is the same too, if there are any. */
function preferNormalised(match: IdMatch, id: string, normalise: IdKind['normalise']): IdMatch {
  const candidates = match.candidates.filter((candidate) => normalise(candidate) === id);
  const isComplete = match.count === match.candidates.length;
  return candidates.length > 0 && isComplete ? { level: 'normalised', count: candidates.length, candidates } : match;
}

/** Names the first few candidates: `"a", "b" and 3 more`. */
export function describeCandidates({ count, candidates }: Pick<IdMatch, 'count' | 'candidates'>): string {
  const named = candidates.slice(0, MAX_NAMED_CANDIDATES).map((candidate) => JSON.stringify(candidate));
  const more = count > named.length ? ` and ${count - named.length} more` : '';
  return named.join(', ') + more;
}

/** The candidates of each key. Small in memory: there are millions of keys, and most have one candidate or none. */
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
