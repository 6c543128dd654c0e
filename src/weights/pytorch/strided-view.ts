import { elementAt } from '../../util/arrays.ts';

/** A view of a storage by offset and strides, counted in elements, as PyTorch has it. In row-major order the last axis is the fastest. */
export interface StridedView {
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

interface Axis {
  readonly size: number;
  readonly stride: number;
}

function toAxes({ shape, strides }: StridedView): Axis[] {
  return shape.map((size, i) => ({ size, stride: elementAt(strides, i) }));
}

/** Index after the last element of the storage that a view reaches. The offset, where the view has no elements. */
export function extent(view: StridedView): number {
  const { offset, shape } = view;
  if (shape.includes(0)) return offset;
  return toAxes(view).reduce((last, { size, stride }) => last + (size - 1) * stride, offset) + 1;
}

/** Checks that the elements lie one after another, in order. The stride of an axis of size 1 does not matter. */
export function isContiguous(view: StridedView): boolean {
  let expected = 1;
  for (const { size, stride } of toAxes(view).reverse()) {
    if (size !== 1 && stride !== expected) return size === 0;
    expected *= size;
  }
  return true;
}

/** Copies a view's elements in row-major order. `storage` starts at a multiple of `elementBytes` in its buffer. */
export function copyStrided(storage: Uint8Array, view: StridedView, elementBytes: number, count: number): Uint8Array {
  const source = toElementArray(storage, elementBytes);
  const target = toElementArray(new Uint8Array(count * elementBytes), elementBytes);
  const outer = { ...view, shape: view.shape.slice(0, -1), strides: view.strides.slice(0, -1) };
  const size = view.shape.at(-1) ?? 1;
  const stride = view.strides.at(-1) ?? 0;
  let targetIndex = 0;
  for (const start of rowStarts(outer, count / size)) {
    for (let i = 0; i < size; i++) {
      const element = source[start + i * stride];
      if (element !== undefined) target[targetIndex] = element;
      targetIndex++;
    }
  }
  return new Uint8Array(target.buffer);
}

/** The indices at which the rows of the last axis start, in order. `outer` is the view of the other axes. */
function* rowStarts(outer: StridedView, rows: number): Generator<number> {
  const fastestFirst = toAxes(outer)
    .reverse()
    .map((axis) => ({ ...axis, position: 0 }));
  let start = outer.offset;
  for (let row = 0; row < rows; row++) {
    yield start;
    for (const axis of fastestFirst) {
      start += axis.stride;
      axis.position++;
      if (axis.position < axis.size) break;
      start -= axis.stride * axis.size;
      axis.position = 0;
    }
  }
}

/** Elements as integers of their size: they are only moved, and integers keep every NaN as it is. */
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
