import { simplifyId } from './identifiers.ts';

/** Nobody nests books deeper. The limit keeps the work for a hostile id linear in its length. */
const MAX_SEGMENTS = 16;
/** Marks the key of a candidate that has only one segment */
const SINGLE_SEGMENT_PREFIX = '/';
/** Marks the simplified key of an id that has only one segment, or of a suffix that such an id may be */
const SIMPLIFIED_PREFIX = '//';

/**
 * The keys under which ids and candidates that share a suffix meet. Ids that share a long suffix share a short one, so long
 * suffixes are compared only if several candidates are left.
 */
export class SuffixKeys {
  /** Normalised */
  readonly ids: readonly string[];
  readonly #minSegments: number;
  readonly #hasJoinedId: boolean;
  readonly #hasJoinedCandidate: boolean;

  /** @param hasJoinedCandidate whether `isJoinedId` is true for any candidate. If not, ids need fewer keys */
  constructor(minSegments: number, ids: readonly string[], hasJoinedCandidate: boolean) {
    this.ids = ids;
    this.#minSegments = minSegments;
    this.#hasJoinedId = ids.some(isJoinedId);
    this.#hasJoinedCandidate = hasJoinedCandidate;
  }

  /** The keys of an id, the best first. */
  keysOfId(id: string): string[] {
    const simplifiedKeys = isJoinedId(id) || this.#hasJoinedCandidate ? this.#simplifiedKeys(id) : [];
    return [lastSegments(id, this.#minSegments), ...simplifiedKeys, singleSegmentKey(id)];
  }

  keysOfCandidate(id: string): string[] {
    const last = lastSegments(id, 1);
    if (last === id) return [id, singleSegmentKey(id), ...(isJoinedId(id) ? this.#simplifiedKeys(id) : [])];
    const keys = this.#hasJoinedId ? [last, ...this.#simplifiedKeys(id)] : [last];
    return this.#minSegments === 1 ? keys : [lastSegments(id, this.#minSegments), ...keys];
  }

  /** The keys by which a path in one segment meets one in several. */
  #simplifiedKeys(id: string): string[] {
    const suffixes = isJoinedId(id) ? [id] : listSuffixes(id, 2);
    return suffixes.map((suffix) => SIMPLIFIED_PREFIX + simplifyId(suffix)).reverse();
  }
}

/** Whether an id may be a path in one segment, a_b_c. */
export function isJoinedId(id: string): boolean {
  return !id.includes('/') && id.includes('_');
}

function singleSegmentKey(id: string): string {
  return SINGLE_SEGMENT_PREFIX + lastSegments(id, 1);
}

/** The last segments of an id; all of it if it has fewer. */
function lastSegments(id: string, count: number): string {
  let separator = id.length;
  for (let segments = 0; segments < count && separator >= 0; segments++) separator = id.lastIndexOf('/', separator - 1);
  return id.slice(separator + 1);
}

/** The suffixes of an id: of `minSegments` segments, then of one more each. */
export function listSuffixes(id: string, minSegments: number): string[] {
  const suffixes: string[] = [];
  let separator = id.length;
  for (let count = 1; count <= MAX_SEGMENTS && separator > 0; count++) {
    separator = id.lastIndexOf('/', separator - 1);
    if (count >= minSegments) suffixes.push(id.slice(separator + 1));
  }
  return suffixes;
}
