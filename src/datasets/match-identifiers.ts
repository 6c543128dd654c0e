import { elementAt } from '../util/arrays.ts';
import { normaliseBookName, normalisePageId, simplifyId } from './identifiers.ts';
import { isReportDue, type ProgressOptions, reportProgress } from './index-progress.ts';

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
/** Nobody nests books deeper. The limit keeps the work for a hostile id linear in its length. */
const MAX_SEGMENTS = 16;
/** Marks the key of a candidate that has only one segment */
const SINGLE_SEGMENT_PREFIX = '/';
/** Marks the simplified key of an id that has only one segment, or of a suffix that such an id may be */
const SIMPLIFIED_PREFIX = '//';

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
  const simplified = ids.map((id) => simplifyId(normalise(id)));
  const bySimplifiedId = new CandidatesByKey(simplified);
  await addCandidates(bySimplifiedId, (id) => [simplifyId(id)]);
  const unmatched: number[] = [];
  for (const [index, key] of simplified.entries()) {
    const match = bySimplifiedId.match(key, 'simplified');
    if (match === undefined) unmatched.push(index);
    else onMatch(index, preferNormalised(match, normalise(elementAt(ids, index)), normalise));
  }
  if (unmatched.length === 0) return;
  bySimplifiedId.clear();

  const bySuffix = new SuffixKeys(
    minSegments,
    unmatched.map((index) => normalise(elementAt(ids, index))),
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

/**
 * The keys under which ids and candidates that share a suffix meet. Ids that share a long suffix share a short one, so long
 * suffixes are compared only if several candidates are left.
 */
class SuffixKeys {
  /** Normalised */
  readonly ids: readonly string[];
  readonly #minSegments: number;
  /** Whether an id may be a path in one segment, a_b_c. Else its candidates need no keys for it. */
  readonly #hasJoinedId: boolean;

  constructor(minSegments: number, ids: readonly string[]) {
    this.ids = ids;
    this.#minSegments = minSegments;
    this.#hasJoinedId = ids.some(isJoined);
  }

  /** The keys of an id, the best first. */
  keysOfId(id: string): string[] {
    return [lastSegments(id, this.#minSegments), ...this.#simplifiedKeys(id), singleSegmentKey(id)];
  }

  keysOfCandidate(id: string): string[] {
    const last = lastSegments(id, 1);
    if (last === id) return [id, singleSegmentKey(id), ...(isJoined(id) ? this.#simplifiedKeys(id) : [])];
    const keys = this.#hasJoinedId ? [last, ...this.#simplifiedKeys(id)] : [last];
    return this.#minSegments === 1 ? keys : [lastSegments(id, this.#minSegments), ...keys];
  }

  /** The keys by which a path in one segment meets one in several. */
  #simplifiedKeys(id: string): string[] {
    const suffixes = isJoined(id) ? [id] : listSuffixes(id, 2);
    return suffixes.map((suffix) => SIMPLIFIED_PREFIX + simplifyId(suffix)).reverse();
  }
}

function isJoined(id: string): boolean {
  return !id.includes('/') && id.includes('_');
}

function singleSegmentKey(id: string): string {
  return SINGLE_SEGMENT_PREFIX + lastSegments(id, 1);
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

/** The last segments of an id; all of it if it has fewer. */
function lastSegments(id: string, count: number): string {
  let separator = id.length;
  for (let segments = 0; segments < count && separator >= 0; segments++) separator = id.lastIndexOf('/', separator - 1);
  return id.slice(separator + 1);
}

/** The suffixes of an id: of `minSegments` segments, then of one more each. */
function listSuffixes(id: string, minSegments: number): string[] {
  const suffixes: string[] = [];
  let separator = id.length;
  for (let count = 1; count <= MAX_SEGMENTS && separator > 0; count++) {
    separator = id.lastIndexOf('/', separator - 1);
    if (count >= minSegments) suffixes.push(id.slice(separator + 1));
  }
  return suffixes;
}
