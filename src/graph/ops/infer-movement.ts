import { elementAt } from '../../util/arrays.ts';
import { addDims, type Shape, sameShape } from '../shape.ts';
import { type NodeInputs, type OutputTypes, tensorType } from '../value.ts';
import { commonDtype, constantData, expectDtype, normalizeAxis, ShapeInferenceError } from './input-checks.ts';
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

export function gather(
  [{ type }, indices]: NodeInputs<'Gather'>,
  attributes: Attributes['Gather'],
): OutputTypes<'Gather'> {
  const { dtype, shape } = type;
  const axis = normalizeAxis(attributes.axis, shape.length);
  const indexShape = expectDtype(indices.type, 'int64').shape;
  return [tensorType(dtype, [...shape.slice(0, axis), ...indexShape, ...shape.slice(axis + 1)])];
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
