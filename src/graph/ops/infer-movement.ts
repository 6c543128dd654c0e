import { addDims, broadcastShapes, type Dim, divideDim, multiplyDims, type Shape, sameShape } from '../shape.ts';
import { type TensorType, tensorType, type Value } from '../value.ts';
import {
  commonDtype,
  constantData,
  expectDtype,
  inputType,
  normalizeAxes,
  normalizeAxis,
  ShapeInferenceError,
} from './input-checks.ts';
import type { Attributes } from './op-attributes.ts';

type Inputs = readonly (Value | undefined)[];

export function concat(inputs: Inputs, attributes: Attributes['Concat']): TensorType[] {
  const types = inputs.map((_, i) => inputType(inputs, i));
  const first = types[0]!;
  const axis = normalizeAxis(attributes.axis, first.shape.length);
  const otherDims = (type: TensorType) => type.shape.filter((_, i) => i !== axis);
  if (types.some((type) => !sameShape(otherDims(type), otherDims(first)))) {
    throw new ShapeInferenceError(`the shapes differ outside axis ${axis}`);
  }
  const size = addDims(types.map((type) => type.shape[axis]!));
  return [tensorType(commonDtype(types), first.shape.with(axis, size))];
}

export function flatten(inputs: Inputs, { axis }: Attributes['Flatten']): TensorType[] {
  const { dtype, shape } = inputType(inputs, 0);
  if (axis < 0 || axis > shape.length)
    throw new ShapeInferenceError(`axis ${axis} is not between ${shape.length} dimensions`);
  return [tensorType(dtype, [multiplyDims(shape.slice(0, axis)), multiplyDims(shape.slice(axis))])];
}

export function gather(inputs: Inputs, attributes: Attributes['Gather']): TensorType[] {
  const { dtype, shape } = inputType(inputs, 0);
  const axis = normalizeAxis(attributes.axis, shape.length);
  const indices = expectDtype(inputType(inputs, 1), 'int64');
  return [tensorType(dtype, [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)])];
}

/** To the shape of another tensor, given by Shape, or to constant sizes. */
export function expand(inputs: Inputs): TensorType[] {
  const { dtype, shape } = inputType(inputs, 0);
  const target = resolveShape(inputs[1]) ?? constantData(inputs, 1);
  const sizes = broadcastShapes([shape, target]);
  if (sizes === undefined) throw new ShapeInferenceError(`cannot expand to (${target.join(', ')})`);
  return [tensorType(dtype, sizes)];
}

/** Zeros around the data: numbers before each axis, then behind each. */
export function pad(inputs: Inputs): TensorType[] {
  const { dtype, shape: from } = inputType(inputs, 0);
  const pads = constantData(inputs, 1);
  if (pads.length !== 2 * from.length)
    throw new ShapeInferenceError(`expected ${2 * from.length} pads, not ${pads.length}`);
  // To ONNX a negative number cuts off.
  if (pads.some((count) => count < 0)) throw new ShapeInferenceError(`the pads [${pads.join(', ')}] are negative`);
  const sizes = from.map((size, axis) => {
    const added = pads[axis]! + pads[axis + from.length]!;
    if (added === 0) return size;
    if (typeof size === 'string') throw new ShapeInferenceError(`axis ${axis} has the unknown size ${size}`);
    return size + added;
  });
  return [tensorType(dtype, sizes)];
}

/** data, indices and updates of one rank; indices and updates of one shape */
export function scatterElements(inputs: Inputs, attributes: Attributes['ScatterElements']): TensorType[] {
  const [data, indices, updates] = [0, 1, 2].map((i) => inputType(inputs, i)) as [TensorType, TensorType, TensorType];
  normalizeAxis(attributes.axis, data.shape.length);
  expectDtype(indices, 'int64');
  expectDtype(updates, data.dtype);
  if (!sameShape(indices.shape, updates.shape)) throw new ShapeInferenceError('indices and updates differ in shape');
  if (indices.shape.length !== data.shape.length) throw new ShapeInferenceError('data and indices differ in rank');
  return [data];
}

export function size(inputs: Inputs): TensorType[] {
  inputType(inputs, 0);
  return [tensorType('int64', [])];
}

/** start, limit, delta. Counting up to a size of another tensor by ones gives that size, known or not. */
export function range(inputs: Inputs): TensorType[] {
  const dtype = commonDtype(inputs.map((_, i) => inputType(inputs, i)));
  const [start, limit, delta] = inputs.map(resolveSize);
  if (start === 0 && delta === 1 && limit !== undefined) return [tensorType(dtype, [limit])];
  if (typeof start === 'number' && typeof limit === 'number' && typeof delta === 'number') {
    return [tensorType(dtype, [Math.max(0, Math.ceil((limit - start) / delta))])];
  }
  throw new ShapeInferenceError('the length is unknown');
}

/** The number or size that a scalar holds: a constant, or Gather(Shape(x), constant). */
function resolveSize(value: Value | undefined): Dim | undefined {
  if (value?.kind === 'constant') return value.data[0];
  if (value?.kind !== 'result' || value.node.op !== 'Gather') return undefined;
  const [source, index] = value.node.inputs;
  if (source?.kind !== 'result' || source.node.op !== 'Shape' || index?.kind !== 'constant') return undefined;
  return source.node.inputs[0]!.type.shape.at(index.data[0]!);
}

/** The shape that a value holds, where it is Shape(x). */
function resolveShape(value: Value | undefined): Shape | undefined {
  return value?.kind === 'result' && value.node.op === 'Shape' ? value.node.inputs[0]!.type.shape : undefined;
}

/** 0 copies the input's size, -1 takes what is left, as in ONNX. Or into the shape of another tensor, given by Shape. */
export function reshape(inputs: Inputs): TensorType[] {
  const { dtype, shape } = inputType(inputs, 0);
  const targetShape = resolveShape(inputs[1]);
  if (targetShape !== undefined) {
    if (multiplyDims(targetShape) !== multiplyDims(shape))
      throw new ShapeInferenceError(`cannot reshape to (${targetShape.join(', ')})`);
    return [tensorType(dtype, targetShape)];
  }
  const target = constantData(inputs, 1);
  if (target.some((size) => size < -1)) throw new ShapeInferenceError(`cannot reshape to (${target.join(', ')})`);
  const sizes: Dim[] = target.map((size, axis) => {
    if (size !== 0) return size;
    if (axis >= shape.length) throw new ShapeInferenceError(`size ${axis} has nothing to copy`);
    return shape[axis]!;
  });
  const inferredAxis = sizes.indexOf(-1);
  const total = multiplyDims(shape);
  if (inferredAxis < 0) {
    if (multiplyDims(sizes) !== total) throw new ShapeInferenceError(`cannot reshape to (${sizes.join(', ')})`);
    return [tensorType(dtype, sizes)];
  }
  const inferredSize = divideDim(total, multiplyDims(sizes.filter((_, axis) => axis !== inferredAxis)));
  if (inferredSize === undefined || sizes.indexOf(-1, inferredAxis + 1) > 0) {
    throw new ShapeInferenceError(`cannot reshape to (${sizes.join(', ')})`);
  }
  return [tensorType(dtype, sizes.with(inferredAxis, inferredSize))];
}

export function shape(inputs: Inputs): TensorType[] {
  return [tensorType('int64', [inputType(inputs, 0).shape.length])];
}

/** Inputs: data, starts, ends, axes; steps of one. */
export function slice(inputs: Inputs): TensorType[] {
  const { dtype, shape: from } = inputType(inputs, 0);
  const [starts, ends, axes] = [1, 2, 3].map((i) => constantData(inputs, i)) as [number[], number[], number[]];
  const sizes = [...from];
  axes.forEach((givenAxis, i) => {
    const axis = normalizeAxis(givenAxis, from.length);
    const size = from[axis]!;
    if (typeof size === 'string') throw new ShapeInferenceError(`axis ${axis} has the unknown size ${size}`);
    const clamp = (index: number) => Math.max(0, Math.min(size, index < 0 ? index + size : index));
    sizes[axis] = Math.max(0, clamp(ends[i]!) - clamp(starts[i]!));
  });
  return [tensorType(dtype, sizes)];
}

/** Into the sizes of a constant second input. */
export function split(inputs: Inputs, attributes: Attributes['Split']): TensorType[] {
  const { dtype, shape: from } = inputType(inputs, 0);
  const sizes = constantData(inputs, 1);
  const axis = normalizeAxis(attributes.axis, from.length);
  if (addDims(sizes) !== from[axis] || sizes.some((size) => size < 0))
    throw new ShapeInferenceError(`the parts ${sizes.join(' + ')} do not make up ${from[axis]}`);
  return sizes.map((size) => tensorType(dtype, from.with(axis, size)));
}

export function transpose(inputs: Inputs, { perm }: Attributes['Transpose']): TensorType[] {
  const { dtype, shape: from } = inputType(inputs, 0);
  if (perm.length !== from.length || from.some((_, axis) => !perm.includes(axis))) {
    throw new ShapeInferenceError(`[${perm.join(', ')}] is not a permutation of ${from.length} axes`);
  }
  const sizes = perm.map((axis) => from[axis]!);
  return [tensorType(dtype, sizes)];
}

export function unsqueeze(inputs: Inputs): TensorType[] {
  const { dtype, shape: from } = inputType(inputs, 0);
  const axes = constantData(inputs, 1);
  const length = from.length + axes.length;
  const addedAxes = normalizeAxes(axes, length);
  const remaining = [...from];
  return [
    tensorType(
      dtype,
      Array.from({ length }, (_, axis) => (addedAxes.has(axis) ? 1 : remaining.shift()!)),
    ),
  ];
}
