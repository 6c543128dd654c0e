import { elementAt } from '../../util/arrays.ts';
import type { Shape } from '../shape.ts';
import { normalizeAxis, ShapeInferenceError } from './input-checks.ts';

/** The part of one axis that Slice keeps: the elements from `start` to before `end`, of `size`. */
export interface SliceRange {
  readonly axis: number;
  readonly size: number;
  readonly start: number;
  readonly end: number;
}

/**
 * The ranges of a Slice with steps of one. Negative numbers count from the end of the axis, and what is beyond the axis is
 * cut off, as in ONNX.
 * @throws ShapeInferenceError where an axis does not exist or its size is unknown
 */
export function sliceRanges(
  shape: Shape,
  starts: readonly number[],
  ends: readonly number[],
  axes: readonly number[],
): SliceRange[] {
  return axes.map((givenAxis, i) => {
    const axis = normalizeAxis(givenAxis, shape.length);
    const size = elementAt(shape, axis);
    if (typeof size === 'string') throw new ShapeInferenceError(`axis ${axis} has the unknown size ${size}`);
    const clamp = (index: number) => Math.max(0, Math.min(size, index < 0 ? index + size : index));
    const start = clamp(elementAt(starts, i));
    return { axis, size, start, end: Math.max(start, clamp(elementAt(ends, i))) };
  });
}
