import { type DType, isFloating } from '../graph/dtype.ts';
import { widen } from '../graph/float16.ts';
import { formatShape, sameShape } from '../graph/shape.ts';
import { type ParameterValue, parameter } from '../graph/value.ts';
import { readSafetensors, type Tensor } from './safetensors-reader.ts';
import type { WeightSource } from './weight-source.ts';
import { WeightsError } from './weights-error.ts';

/** Named weights that become graph parameters: the tensors of a file, or those below a prefix. */
export class Checkpoint implements WeightSource {
  readonly label: string;
  readonly #tensors: ReadonlyMap<string, Tensor>;
  readonly #prefix: string;
  /** One value for each name, however often it is asked for: in a graph a name stands once. */
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

  static async read(file: string, wanted?: (key: string) => boolean): Promise<Checkpoint> {
    return new Checkpoint(file, (await readSafetensors(file, wanted)).tensors);
  }

  within(prefix: string): Checkpoint {
    return new Checkpoint(this.label, this.#tensors, this.#prefix + prefix, this.#parameters);
  }

  has(key: string): boolean {
    return this.#tensors.has(this.#prefix + key);
  }

  shape(key: string): readonly number[] {
    return this.#tensor(key).shape;
  }

  /** Half precision is widened. */
  parameter(key: string, shape: readonly number[]): ParameterValue {
    const tensor = this.#tensor(key);
    const name = this.#prefix + key;
    if (!sameShape(tensor.shape, shape)) {
      throw new WeightsError(
        `${this.label}: "${name}" has the shape ${formatShape(tensor.shape)}, expected ${formatShape(shape)}`,
      );
    }
    const known = this.#parameters.get(name);
    if (known !== undefined) return known;
    const made = parameter(name, 'float32', shape, this.#asFloat32(name, tensor));
    this.#parameters.set(name, made);
    return made;
  }

  #asFloat32(key: string, { dtype, bytes }: Tensor): Uint8Array {
    if (dtype === 'float32') return bytes;
    if (dtype === 'float16') return widen(bytes);
    const kind: DType = dtype;
    throw new WeightsError(
      `${this.label}: "${key}" is ${kind}, expected float32 or float16${isFloating(kind) ? ' (convert it first)' : ''}`,
    );
  }

  #tensor(key: string): Tensor {
    const tensor = this.#tensors.get(this.#prefix + key);
    if (tensor === undefined) throw new WeightsError(`${this.label}: "${this.#prefix}${key}" is missing`);
    return tensor;
  }
}
