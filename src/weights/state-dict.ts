import { isFloating } from '../graph/dtype.ts';
import { float16ToFloat32 } from '../graph/float16.ts';
import { formatShape, sameShape } from '../graph/shape.ts';
import { type ParameterValue, parameter } from '../graph/value.ts';
import { findClosestKey } from './closest-key.ts';
import { SCALE_SUFFIX } from './safetensors-header.ts';
import { readSafetensors } from './safetensors-reader.ts';
import type { Tensor } from './tensor.ts';
import type { QuantisedRows, WeightSource } from './weight-source.ts';
import { escapeControlCharacters, WeightsError } from './weights-error.ts';

/** Named weights that become graph parameters: the tensors of a file, or those below a prefix. */
export class StateDict implements WeightSource {
  readonly label: string;
  readonly #tensors: ReadonlyMap<string, Tensor>;
  readonly #prefix: string;
  /** The parameters made so far. A name may occur once in a graph, so asking again gives the same value. */
  readonly #parameters: Map<string, ParameterValue>;

  constructor(
    label: string,
    tensors: ReadonlyMap<string, Tensor>,
    prefix = '',
    parameters = new Map<string, ParameterValue>(),
  ) {
    this.label = label;
    this.#tensors = tensors;
    this.#prefix = prefix;
    this.#parameters = parameters;
  }

  static async read(file: string, filter?: (key: string) => boolean): Promise<StateDict> {
    return new StateDict(file, (await readSafetensors(file, filter)).tensors);
  }

  withPrefix(prefix: string): StateDict {
    return new StateDict(this.label, this.#tensors, this.#prefix + prefix, this.#parameters);
  }

  has(key: string): boolean {
    return this.#tensors.has(this.#prefix + key);
  }

  shape(key: string): readonly number[] {
    return this.#findTensor(key).shape;
  }

  /** A weight as a float32 parameter. Half precision is widened. */
  parameter(key: string, shape: readonly number[]): ParameterValue {
    const tensor = this.#findTensor(key, shape);
    const name = this.#prefix + key;
    return this.#makeOnce(name, () => parameter(name, 'float32', shape, this.#toFloat32(name, tensor)));
  }

  quantisedRows(key: string, shape: readonly [number, number]): QuantisedRows | undefined {
    const { quantised } = this.#findTensor(key, shape);
    if (quantised === undefined) return undefined;
    const [valuesName, scalesName] = [`${this.#prefix}${key}.int8`, `${this.#prefix}${key}${SCALE_SUFFIX}`];
    return {
      values: this.#makeOnce(valuesName, () => parameter(valuesName, 'int8', shape, quantised.values)),
      scales: this.#makeOnce(scalesName, () => parameter(scalesName, 'float32', [shape[0], 1], quantised.scales)),
    };
  }

  #makeOnce(name: string, make: () => ParameterValue): ParameterValue {
    const made = this.#parameters.get(name) ?? make();
    this.#parameters.set(name, made);
    return made;
  }

  #toFloat32(key: string, { dtype, bytes }: Tensor): Uint8Array {
    if (dtype === 'float32') return bytes;
    if (dtype === 'float16') return float16ToFloat32(bytes);
    const hint = isFloating(dtype) ? ' (convert it first)' : '';
    throw new WeightsError(`${this.label}: "${key}" is ${dtype}, expected float32 or float16${hint}`);
  }

  /** @param shape that it must have */
  #findTensor(key: string, shape?: readonly number[]): Tensor {
    const tensor = this.#tensors.get(this.#prefix + key);
    if (tensor !== undefined) {
      if (shape === undefined || sameShape(tensor.shape, shape)) return tensor;
      const [actual, expected] = [formatShape(tensor.shape), formatShape(shape)];
      throw new WeightsError(`${this.label}: "${this.#prefix}${key}" has the shape ${actual}, expected ${expected}`);
    }
    const closest = findClosestKey(this.#prefix + key, this.#tensors.keys());
    const hint = closest === undefined ? '' : ` (closest: "${escapeControlCharacters(closest)}")`;
    throw new WeightsError(`${this.label}: "${this.#prefix}${key}" is missing${hint}`);
  }
}
