import { bfloat16ToFloat32 } from '../../graph/float16.ts';
import { elementCount, formatShape } from '../../graph/shape.ts';
import type { Tensor } from '../tensor.ts';
import { escapeControlCharacters, WeightsError } from '../weights-error.ts';
import { BFLOAT16 } from './element-type.ts';
import type { PickledStorage, PickledTensor } from './pickled-tensor.ts';
import { copyStrided, extent, isContiguous } from './strided-view.ts';

/** An expanded tensor (stride 0) of this size at most is taken for a constant, a larger one for an attack. */
const MAX_EXPANDED_BYTES = 1 << 20;
/** All copies of views may have this many times the size of their storages: ample for transposed, widened and tied weights. */
const MAX_COPY_FACTOR = 8;

/** Reads a record `data/<key>`. @throws WeightsError where it is missing or holds fewer bytes than asked for */
export type ReadStorage = (key: string, byteLength: number) => Promise<Uint8Array>;

/** Loads the elements of pickled tensors. Each storage is read once, when the first tensor needs it. */
export class TensorLoader {
  readonly #file: string;
  readonly #readStorage: ReadStorage;
  readonly #storages = new Map<string, Uint8Array>();
  readonly #tensors = new Map<PickledTensor, Tensor>();
  #storageBytes = 0;
  #copiedBytes = 0;

  constructor(file: string, readStorage: ReadStorage) {
    this.#file = file;
    this.#readStorage = readStorage;
  }

  /**
   * Loads one tensor in row-major order. A tensor that spans its storage in order is a view of it, as are all that share
   * it; any other is a copy.
   * @throws WeightsError naming the key, where the view leaves its storage or is of a type that is not read
   */
  async load(key: string, pickled: PickledTensor): Promise<Tensor> {
    const cached = this.#tensors.get(pickled);
    if (cached !== undefined) return cached;
    const { dtype } = pickled.element;
    if (dtype === undefined) throw this.#error(key, `is ${pickled.element.name}, which is not supported`);
    this.#check(key, pickled);
    const tensor = { dtype, shape: [...pickled.shape], bytes: await this.#bytes(key, pickled) };
    this.#tensors.set(pickled, tensor);
    return tensor;
  }

  #check(key: string, pickled: PickledTensor): void {
    const { storage, element, offset, shape, strides } = pickled;
    if (shape.some((size) => size < 0)) throw this.#error(key, `has the negative shape ${formatShape(shape)}`);
    if (strides.some((stride) => stride < 0)) throw this.#error(key, `has negative strides ${formatShape(strides)}`);
    const count = elementCount(shape);
    if (!Number.isSafeInteger(count)) throw this.#error(key, `has too large a shape: ${formatShape(shape)}`);
    const capacity = Math.floor((storage.numElements * storage.element.byteSize) / element.byteSize);
    const end = extent(pickled);
    if (offset < 0 || end > capacity) {
      throw this.#error(key, `reaches from element ${offset} to ${end} of a storage of ${capacity}`);
    }
    if (count > capacity && count * element.byteSize > MAX_EXPANDED_BYTES) {
      throw this.#error(key, `expands ${capacity} elements to ${count}: save it with .contiguous() if it is meant so`);
    }
  }

  async #bytes(key: string, pickled: PickledTensor): Promise<Uint8Array> {
    const { element, offset, shape } = pickled;
    const count = elementCount(shape);
    if (count === 0) return new Uint8Array();
    const storage = await this.#storage(pickled.storage);
    const bytes = count * element.byteSize;
    // A view that lies in the record and has as many bytes must begin at its first byte.
    const isWholeStorage = bytes === storage.byteLength && isContiguous(pickled);
    if (isWholeStorage && element !== BFLOAT16) return storage;
    this.#countCopy(key, bytes);
    const start = offset * element.byteSize;
    const copied = isContiguous(pickled)
      ? storage.slice(start, start + bytes)
      : copyStrided(storage, pickled, element.byteSize, count);
    return element === BFLOAT16 ? bfloat16ToFloat32(copied) : copied;
  }

  async #storage({ key, element, numElements }: PickledStorage): Promise<Uint8Array> {
    const cached = this.#storages.get(key);
    const neededBytes = numElements * element.byteSize;
    // The same key may come again with a larger size. Reading again refuses a size that the record cannot hold.
    if (cached !== undefined && cached.byteLength >= neededBytes) return cached;
    const bytes = await this.#readStorage(key, neededBytes);
    this.#storages.set(key, bytes);
    this.#storageBytes += bytes.byteLength;
    return bytes;
  }

  /** Bounds the memory of copies: a small file could ask for many views of one storage. */
  #countCopy(key: string, bytes: number): void {
    this.#copiedBytes += bytes;
    if (this.#copiedBytes > MAX_COPY_FACTOR * this.#storageBytes + MAX_EXPANDED_BYTES) {
      throw this.#error(key, `is one of so many views that copies would take ${MAX_COPY_FACTOR} times their storages`);
    }
  }

  #error(key: string, reason: string): WeightsError {
    return new WeightsError(`${this.#file}: "${escapeControlCharacters(key)}" ${reason}`);
  }
}
