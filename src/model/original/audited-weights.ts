import { formatShape, sameShape } from '../../graph/shape.ts';
import { type ParameterValue, tensorType } from '../../graph/value.ts';
import type { Tensor } from '../../weights/safetensors-reader.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { WeightsError } from '../../weights/weights-error.ts';

/** What was asked of some weights, and what was wrong with them. */
export interface Audit {
  readonly asked: Set<string>;
  readonly missing: string[];
  readonly misshapen: string[];
}

/**
 * Weights that note every problem instead of stopping at the first. The parameters that they give have types but no
 * elements: a graph over them tells what it needs, and is not for running.
 */
export class AuditedWeights implements WeightSource {
  readonly audit: Audit;
  readonly #tensors: ReadonlyMap<string, Tensor>;
  readonly #prefix: string;

  constructor(tensors: ReadonlyMap<string, Tensor>, audit?: Audit, prefix = '') {
    this.audit = audit ?? { asked: new Set(), missing: [], misshapen: [] };
    this.#tensors = tensors;
    this.#prefix = prefix;
  }

  within(prefix: string): AuditedWeights {
    return new AuditedWeights(this.#tensors, this.audit, this.#prefix + prefix);
  }

  has(key: string): boolean {
    return this.#tensors.has(this.#prefix + key);
  }

  shape(key: string): readonly number[] {
    const tensor = this.#tensors.get(this.#prefix + key);
    if (tensor !== undefined) return tensor.shape;
    this.#note(key, 'missing', this.#prefix + key);
    throw new WeightsError(`"${this.#prefix}${key}" is missing`);
  }

  parameter(key: string, shape: readonly number[]): ParameterValue {
    const name = this.#prefix + key;
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) this.#note(key, 'missing', `${name} ${formatShape(shape)}`);
    else if (!sameShape(tensor.shape, shape)) {
      this.#note(key, 'misshapen', `${name} ${formatShape(tensor.shape)} instead of ${formatShape(shape)}`);
    } else if (tensor.dtype !== 'float32' && tensor.dtype !== 'float16') {
      this.#note(key, 'misshapen', `${name} of ${tensor.dtype} instead of float32`);
    }
    this.audit.asked.add(name);
    return Object.freeze({ kind: 'parameter', name, type: tensorType('float32', shape), bytes: new Uint8Array() });
  }

  #note(key: string, kind: 'missing' | 'misshapen', problem: string): void {
    const name = this.#prefix + key;
    if (!this.audit.asked.has(name)) this.audit[kind].push(problem);
    this.audit.asked.add(name);
  }
}
