import type { DType } from '../../graph/dtype.ts';
import { formatShape, sameShape } from '../../graph/shape.ts';
import { type ParameterValue, tensorType } from '../../graph/value.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { WeightsError } from '../../weights/weights-error.ts';

/** Of a tensor, what can be known without its elements. */
interface TensorHeader {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** What was asked of some weights, and what was wrong with them. */
export interface WeightsAudit {
  /** Shapes by key */
  readonly requested: Map<string, readonly number[]>;
  readonly missing: string[];
  readonly misshapen: string[];
}

/**
 * Weights that note every problem instead of stopping at the first. The parameters that they give have types but no
 * elements: a graph over them tells what it needs, and is not for running.
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

  #record(name: string, kind: 'missing' | 'misshapen', problem: string): void {
    if (!this.audit.requested.has(name)) this.audit[kind].push(problem);
    this.audit.requested.set(name, []);
  }
}
