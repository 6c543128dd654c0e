import { elementAt } from '../../util/arrays.ts';
import { addDims, broadcastShapes, type Dim, divideDim, multiplyDims, type Shape, sameShape } from '../shape.ts';
import { isResultOf, type NodeInputs, type OutputTypes, type TensorType, tensorType, type Value } from '../value.ts';
import {
  commonDtype,
  constantData,
  expectDtype,
  normalizeAxes,
  normalizeAxis,
  ShapeInferenceError,
} from './input-checks.ts';
import type { Attributes } from './op-attributes.ts';
import { sliceRanges } from './slice-ranges.ts';

export function concat(inputs: NodeInputs<'Concat'>, attributes: Attributes['Concat']): OutputTypes<'Concat'> {
  const types = inputs.map(({ type }) => type);
  const [first, ...rest] = types.map(({ shape }): Shape => shape);
  if (first === undefined) throw new ShapeInferenceError('at least one input is needed');
  const axis = normalizeAxis(attributes.axis, first.length);
  const otherDims = (shape: Shape) => shape.toSpliced(axis, 1);
  if (rest.some((shape) => !sameShape(otherDims(shape), otherDims(first)))) {
    throw new ShapeInferenceError(`the shapes differ outside axis ${axis}`);
  }
  const size = addDims([first, ...rest].flatMap((shape) => shape.slice(axis, axis + 1)));
  return [tensorType(commonDtype(types), first.with(axis, size))];
}

export function flatten([{ type }]: NodeInputs<'Flatten'>, { axis }: Attributes['Flatten']): OutputTypes<'Flatten'> {
  const { dtype, shape } = type;
  if (axis < 0 || axis > shape.length)
    throw new ShapeInferenceError(`axis ${axis} is not between ${shape.length} dimensions`);
  return [tensorType(dtype, [multiplyDims(shape.slice(0, axis)), multiplyDims(shape.slice(axis))])];
}

export function gather(
  [{ type }, indices]: NodeInputs<'Gather'>,
  attributes: Attributes['Gather'],
): OutputTypes<'Gather'> {
  const { dtype, shape } = type;
  const axis = normalizeAxis(attributes.axis, shape.length);
  const indexShape = expectDtype(indices.type, 'int64').shape;
  return [tensorType(dtype, [...shape.slice(0, axis), ...indexShape, ...shape.slice(axis + 1)])];
}

/** Broadcasts to the shape of another tensor, given by Shape, or to constant sizes. */
export function expand([{ type }, shapeInput]: NodeInputs<'Expand'>): OutputTypes<'Expand'> {
  const target = resolveShape(shapeInput) ?? constantData(shapeInput, 1);
  const sizes = broadcastShapes([type.shape, target]);
  if (sizes === undefined) throw new ShapeInferenceError(`cannot expand to (${target.join(', ')})`);
  return [tensorType(type.dtype, sizes)];
}

/** Puts zeros around the data. Its pads are the counts before each axis, then those behind each. */
export function pad([{ type }, padsInput]: NodeInputs<'Pad'>): OutputTypes<'Pad'> {
  const { dtype, shape: from } = type;
  const pads = constantData(padsInput, 1);
  if (pads.length !== 2 * from.length)
    throw new ShapeInferenceError(`expected ${2 * from.length} pads, not ${pads.length}`);
  // ONNX would cut off elements for a negative number.
  if (pads.some((count) => count < 0)) throw new ShapeInferenceError(`the pads [${pads.join(', ')}] are negative`);
  const sizes = from.map((size, axis) => {
    const added = elementAt(pads, axis) + elementAt(pads, axis + from.length);
    if (added === 0) return size;
    if (typeof size === 'string') throw new ShapeInferenceError(`axis ${axis} has the unknown size ${size}`);
    return size + added;
  });
  return [tensorType(dtype, sizes)];
}

/** data, indices and updates have one rank; indices and updates have one shape. */
export function scatterElements(
  inputs: NodeInputs<'ScatterElements'>,
  attributes: Attributes['ScatterElements'],
): OutputTypes<'ScatterElements'> {
  const [{ type: data }, { type: indices }, { type: updates }] = inputs;
  normalizeAxis(attributes.axis, data.shape.length);
  expectDtype(indices, 'int64');
  expectDtype(updates, data.dtype);
  if (!sameShape(indices.shape, updates.shape)) throw new ShapeInferenceError('indices and updates differ in shape');
  if (indices.shape.length !== data.shape.length) throw new ShapeInferenceError('data and indices differ in rank');
  return [data];
}

export function size(): OutputTypes<'Size'> {
  return [tensorType('int64', [])];
}

/** The length follows from constants. Counting from 0 to the size of another tensor gives that size, known or not. */
export function range(inputs: NodeInputs<'Range'>): OutputTypes<'Range'> {
  const dtype = commonDtype(inputs.map(({ type }) => type));
  const [start, limit, delta] = inputs.map(resolveSize);
  if (start === 0 && delta === 1 && limit !== undefined) return [tensorType(dtype, [limit])];
  if (typeof start === 'number' && typeof limit === 'number' && typeof delta === 'number') {
    return [tensorType(dtype, [Math.max(0, Math.ceil((limit - start) / delta))])];
  }
  throw new ShapeInferenceError('the length is unknown');
}

/** The number or size that a scalar holds: a constant, or Gather(Shape(x), constant). */
function resolveSize(value: Value): Dim | undefined {
  if (value.kind === 'constant') return value.data[0];
  if (!isResultOf(value, 'Gather')) return undefined;
  const [source, index] = value.node.inputs;
  const position = index.kind === 'constant' ? index.data[0] : undefined;
  return position === undefined ? undefined : resolveShape(source)?.at(position);
}

/** The shape that a value holds, where it is Shape(x). */
function resolveShape(value: Value): Shape | undefined {
  return isResultOf(value, 'Shape') ? value.node.inputs[0].type.shape : undefined;
}

/** Reshapes to constant sizes, of which 0 copies the input's size and -1 takes what is left, or to the shape of another tensor. */
export function reshape([{ type }, shapeInput]: NodeInputs<'Reshape'>): OutputTypes<'Reshape'> {
  const total = multiplyDims(type.shape);
  const targetShape = resolveShape(shapeInput);
  if (targetShape !== undefined) {
    if (multiplyDims(targetShape) !== total) throw reshapeError(targetShape);
    return [tensorType(type.dtype, targetShape)];
  }
  const target = constantData(shapeInput, 1);
  if (target.some((size) => size < -1)) throw reshapeError(target);
  const sizes = target.map((size, axis) => (size === 0 ? copiedSize(type, axis) : size));
  const inferredAxis = sizes.indexOf(-1);
  if (inferredAxis < 0) {
    if (multiplyDims(sizes) !== total) throw reshapeError(sizes);
    return [tensorType(type.dtype, sizes)];
  }
  const inferredSize = divideDim(total, multiplyDims(sizes.toSpliced(inferredAxis, 1)));
  if (inferredSize === undefined || sizes.indexOf(-1, inferredAxis + 1) > 0) throw reshapeError(sizes);
  return [tensorType(type.dtype, sizes.with(inferredAxis, inferredSize))];
}

function copiedSize({ shape }: TensorType, axis: number): Dim {
  const size = shape[axis];
  if (size === undefined) throw new ShapeInferenceError(`size ${axis} has nothing to copy`);
  return size;
}

function reshapeError(target: Shape): ShapeInferenceError {
  return new ShapeInferenceError(`cannot reshape to (${target.join(', ')})`);
}

export function shape([{ type }]: NodeInputs<'Shape'>): OutputTypes<'Shape'> {
  return [tensorType('int64', [type.shape.length])];
}

/** Slices with steps of one. */
export function slice([{ type }, startsInput, endsInput, axesInput]: NodeInputs<'Slice'>): OutputTypes<'Slice'> {
  const { dtype, shape: from } = type;
  const [starts, ends, axes] = [constantData(startsInput, 1), constantData(endsInput, 2), constantData(axesInput, 3)];
  const sizes = [...from];
  for (const { axis, start, end } of sliceRanges(from, starts, ends, axes)) sizes[axis] = end - start;
  return [tensorType(dtype, sizes)];
}

/** Splits into the sizes that the second input holds. */
export function split(
  [{ type }, sizesInput]: NodeInputs<'Split'>,
  attributes: Attributes['Split'],
): OutputTypes<'Split'> {
  const { dtype, shape: from } = type;
  const sizes = constantData(sizesInput, 1);
  const axis = normalizeAxis(attributes.axis, from.length);
  if (addDims(sizes) !== from[axis] || sizes.some((size) => size < 0))
    throw new ShapeInferenceError(`the parts ${sizes.join(' + ')} do not make up ${from[axis]}`);
  return sizes.map((size) => tensorType(dtype, from.with(axis, size)));
}

export function transpose(
  [{ type }]: NodeInputs<'Transpose'>,
  { perm }: Attributes['Transpose'],
): OutputTypes<'Transpose'> {
  const { dtype, shape: from } = type;
  if (perm.length !== from.length || from.some((_, axis) => !perm.includes(axis))) {
    throw new ShapeInferenceError(`[${perm.join(', ')}] is not a permutation of ${from.length} axes`);
  }
  const sizes = perm.map((axis) => elementAt(from, axis));
  return [tensorType(dtype, sizes)];
}

export function unsqueeze([{ type }, axesInput]: NodeInputs<'Unsqueeze'>): OutputTypes<'Unsqueeze'> {
  const axes = constantData(axesInput, 1);
  const sizes = [...type.shape];
  const addedAxes = normalizeAxes(axes, sizes.length + axes.length);
  for (const axis of [...addedAxes].sort((a, b) => a - b)) sizes.splice(axis, 0, 1);
  return [tensorType(type.dtype, sizes)];
}
