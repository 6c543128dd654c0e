import type { DType } from '../../graph/dtype.ts';
import { formatShape, sameShape } from '../../graph/shape.ts';
import { type ParameterValue, tensorType } from '../../graph/value.ts';
import { findClosestKey } from '../../weights/closest-key.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { WeightsError } from '../../weights/weights-error.ts';

const MAX_LISTED_KEYS = 10;
const MAX_CLOSEST_KEYS = 3;

/** Type of a tensor, without its elements. */
interface TensorHeader {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** Requests for weights, and the problems with them. */
export interface WeightsAudit {
  /** Requested shapes by key */
  readonly requested: Map<string, readonly number[]>;
  readonly missing: string[];
  readonly misshapen: string[];
}

/**
 * Weights that record all problems instead of throwing at the first. Their parameters have types but no elements: a graph of
 * them cannot run, but building it requests all weights that it needs.
 */
export class AuditedWeights implements WeightSource {
  readonly audit: WeightsAudit;
  readonly #tensors: ReadonlyMap<string, TensorHeader>;
  readonly #prefix: string;

  constructor(tensors: ReadonlyMap<string, TensorHeader>, audit?: WeightsAudit, prefix = '') {
    this.audit = audit ?? { requested: new Map(), missing: [], misshapen: [] };
    this.#tensors = tensors;
    this.#prefix = prefix;
  }

  withPrefix(prefix: string): AuditedWeights {
    return new AuditedWeights(this.#tensors, this.audit, this.#prefix + prefix);
  }

  has(key: string): boolean {
    return this.#tensors.has(this.#prefix + key);
  }

  shape(key: string): readonly number[] {
    const tensor = this.#tensors.get(this.#prefix + key);
    if (tensor !== undefined) return tensor.shape;
    this.#record(this.#prefix + key, 'missing', this.#prefix + key);
    throw new WeightsError(`"${this.#prefix}${key}" is missing`);
  }

  parameter(key: string, shape: readonly number[]): ParameterValue {
    const name = this.#prefix + key;
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) this.#record(name, 'missing', `${name} ${formatShape(shape)}`);
    else if (!sameShape(tensor.shape, shape)) {
      this.#record(name, 'misshapen', `${name} ${formatShape(tensor.shape)} instead of ${formatShape(shape)}`);
    } else if (tensor.dtype !== 'float32' && tensor.dtype !== 'float16') {
      this.#record(name, 'misshapen', `${name} of ${tensor.dtype} instead of float32`);
    }
    this.audit.requested.set(name, shape);
    return Object.freeze({ kind: 'parameter', name, type: tensorType('float32', shape), bytes: new Uint8Array() });
  }

  /** None: the parameter is audited. */
  quantisedRows(): undefined {
    return undefined;
  }

  #record(name: string, kind: 'missing' | 'misshapen', problem: string): void {
    if (!this.audit.requested.has(name)) this.audit[kind].push(problem);
    this.audit.requested.set(name, []);
  }
}

/** Result of `build`; undefined if a weight is missing that a size is read from, which the audit has recorded. */
export function undefinedIfMissing<T>(build: () => T): T | undefined {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof WeightsError)) throw error;
    return undefined;
  }
}

/**
 * @param problems the keys that have a problem, by the kind of the problem
 * @throws WeightsError with all problems in one line, if there are any
 */
export function assertNoProblems(file: string, problems: Readonly<Record<string, readonly string[]>>): void {
  const nonEmpty = Object.entries(problems).filter(([, keys]) => keys.length > 0);
  if (nonEmpty.length === 0) return;
  const details = nonEmpty.map(([kind, keys]) => `${kind}: ${formatKeys(keys)}`);
  const closest = describeClosest(problems['missing'] ?? [], problems['unexpected'] ?? []);
  throw new WeightsError(`${file}: ${[...details, ...closest].join('; ')}`);
}

/** Which unexpected keys may be the missing ones under another name. */
function describeClosest(missing: readonly string[], unexpected: readonly string[]): string[] {
  const pairs = missing.slice(0, MAX_CLOSEST_KEYS).flatMap((problem) => {
    const [key = ''] = problem.split(' ', 1);
    const closest = findClosestKey(key, unexpected);
    return closest === undefined ? [] : [`${closest} for ${key}`];
  });
  return pairs.length === 0 ? [] : [`closest: ${pairs.join(', ')}`];
}

function formatKeys(keys: readonly string[]): string {
  const remainingCount = keys.length - MAX_LISTED_KEYS;
  return keys.slice(0, MAX_LISTED_KEYS).join(', ') + (remainingCount > 0 ? ` and ${remainingCount} more` : '');
}
