import { type DType, isFloating } from '../graph/dtype.ts';
import { formatShape } from '../graph/shape.ts';
import { type ParameterValue, parameter } from '../graph/value.ts';
import { widen } from './float16.ts';
import { readSafetensors, type Tensor } from './safetensors-reader.ts';
import { WeightsError } from './weights-error.ts';

/** Named weights that become graph parameters. Model code asks for each by its upstream key and shape. */
export class Checkpoint {
  readonly label: string;
  readonly #tensors: ReadonlyMap<string, Tensor>;

  constructor(label: string, tensors: ReadonlyMap<string, Tensor>) {
    this.label = label;
    this.#tensors = tensors;
  }

  static async read(file: string, wanted?: (key: string) => boolean): Promise<Checkpoint> {
    return new Checkpoint(file, (await readSafetensors(file, wanted)).tensors);
  }

  /** Shape of a weight. @throws WeightsError where there is none */
  shape(key: string): readonly number[] {
    return this.#tensor(key).shape;
  }

  /**
   * A float32 parameter; half precision is widened.
   * @throws WeightsError naming the key, where it is missing, of another shape, or not floating
   */
  parameter(key: string, shape: readonly number[]): ParameterValue {
    const tensor = this.#tensor(key);
    if (tensor.shape.length !== shape.length || tensor.shape.some((size, axis) => size !== shape[axis])) {
      throw new WeightsError(
        `${this.label}: "${key}" has the shape ${formatShape(tensor.shape)}, expected ${formatShape(shape)}`,
      );
    }
    return parameter(key, 'float32', shape, this.#asFloat32(key, tensor));
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
    const tensor = this.#tensors.get(key);
    if (tensor === undefined) throw new WeightsError(`${this.label}: "${key}" is missing`);
    return tensor;
  }
}
