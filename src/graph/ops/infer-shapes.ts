import { broadcastShapes, type Dim, divideDim, multiplyDims, type Shape } from '../shape.ts';
import { isResultOf, type NodeInputs, type OutputTypes, type TensorType, tensorType, type Value } from '../value.ts';
import { commonDtype, constantData, normalizeAxes, ShapeInferenceError } from './input-checks.ts';
import type { Attributes } from './op-attributes.ts';

export function flatten([{ type }]: NodeInputs<'Flatten'>, { axis }: Attributes['Flatten']): OutputTypes<'Flatten'> {
  const { dtype, shape } = type;
  if (axis < 0 || axis > shape.length)
    throw new ShapeInferenceError(`axis ${axis} is not between ${shape.length} dimensions`);
  return [tensorType(dtype, [multiplyDims(shape.slice(0, axis)), multiplyDims(shape.slice(axis))])];
}

/** Broadcasts to the shape of another tensor, given by Shape, or to constant sizes. */
export function expand([{ type }, shapeInput]: NodeInputs<'Expand'>): OutputTypes<'Expand'> {
  const target = resolveShape(shapeInput) ?? constantData(shapeInput, 1);
  const sizes = broadcastShapes([type.shape, target]);
  if (sizes === undefined) throw new ShapeInferenceError(`cannot expand to (${target.join(', ')})`);
  return [tensorType(type.dtype, sizes)];
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

export function unsqueeze([{ type }, axesInput]: NodeInputs<'Unsqueeze'>): OutputTypes<'Unsqueeze'> {
  const axes = constantData(axesInput, 1);
  const sizes = [...type.shape];
  const addedAxes = normalizeAxes(axes, sizes.length + axes.length);
  for (const axis of [...addedAxes].sort((a, b) => a - b)) sizes.splice(axis, 0, 1);
  return [tensorType(type.dtype, sizes)];
}
