/** Views by offset and strides, in elements, as PyTorch has them (row-major: the last axis is the fastest). */
export interface StridedView {
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** Number of elements from the storage's start that a view reaches, at least the offset. */
export function extent({ offset, shape, strides }: StridedView): number {
  if (shape.includes(0)) return offset;
  return shape.reduce((last, size, axis) => last + (size - 1) * strides[axis]!, offset) + 1;
}

/** Whether the elements lie one after another, in order. The stride of an axis of size 1 does not matter. */
export function isContiguous({ shape, strides }: StridedView): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]!;
    if (size !== 1 && strides[axis] !== expected) return size === 0;
    expected *= size;
  }
  return true;
}

/** The view's elements in row-major order. `storage` starts at a multiple of `elementBytes` in its buffer. */
export function copyStrided(storage: Uint8Array, view: StridedView, elementBytes: number, count: number): Uint8Array {
  const source = toElementArray(storage, elementBytes);
  const target = toElementArray(new Uint8Array(count * elementBytes), elementBytes);
  const outer = { ...view, shape: view.shape.slice(0, -1), strides: view.strides.slice(0, -1) };
  const size = view.shape.at(-1) ?? 1;
  const stride = view.strides.at(-1) ?? 0;
  let targetIndex = 0;
  for (const start of rowStarts(outer, count / size)) {
    for (let i = 0; i < size; i++) target[targetIndex++] = source[start + i * stride]!;
  }
  return new Uint8Array(target.buffer);
}

/** Where each row of the last axis starts, in order. */
function* rowStarts({ offset, shape, strides }: StridedView, rows: number): Generator<number> {
  const counters = shape.map(() => 0);
  let start = offset;
  for (let row = 0; row < rows; row++) {
    yield start;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      start += strides[axis]!;
      if (++counters[axis]! < shape[axis]!) break;
      start -= strides[axis]! * shape[axis]!;
      counters[axis] = 0;
    }
  }
}

/** Elements are only moved, so integers of their size will do, and keep every NaN as it is. */
function toElementArray(
  bytes: Uint8Array,
  elementBytes: number,
): Uint8Array | Uint16Array | Uint32Array | BigUint64Array {
  const { buffer, byteOffset } = bytes;
  const length = Math.floor(bytes.byteLength / elementBytes);
  switch (elementBytes) {
    case 1:
      return new Uint8Array(buffer, byteOffset, length);
    case 2:
      return new Uint16Array(buffer, byteOffset, length);
    case 4:
      return new Uint32Array(buffer, byteOffset, length);
    default:
      return new BigUint64Array(buffer, byteOffset, length);
  }
}
