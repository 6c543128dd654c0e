/** Operators as functions, by their exact ONNX names. Shapes in comments; `name` appears in errors and in the file. */
import type { DType } from '../dtype.ts';
import { constant, int64s, type Value } from '../value.ts';
import type { Attributes } from './attributes.ts';
import { apply, applyOne } from './node.ts';

type Name = string | undefined;

export const Add = (a: Value, b: Value, name?: Name) => applyOne('Add', [a, b], {}, name);
export const Sub = (a: Value, b: Value, name?: Name) => applyOne('Sub', [a, b], {}, name);
export const Mul = (a: Value, b: Value, name?: Name) => applyOne('Mul', [a, b], {}, name);
export const Div = (a: Value, b: Value, name?: Name) => applyOne('Div', [a, b], {}, name);
export const Max = (a: Value, b: Value, name?: Name) => applyOne('Max', [a, b], {}, name);
export const Equal = (a: Value, b: Value, name?: Name) => applyOne('Equal', [a, b], {}, name);
export const And = (a: Value, b: Value, name?: Name) => applyOne('And', [a, b], {}, name);
export const Not = (x: Value, name?: Name) => applyOne('Not', [x], {}, name);
export const Greater = (a: Value, b: Value, name?: Name) => applyOne('Greater', [a, b], {}, name);
export const Where = (condition: Value, yes: Value, no: Value, name?: Name) =>
  applyOne('Where', [condition, yes, no], {}, name);
export const Cast = (x: Value, to: DType, name?: Name) => applyOne('Cast', [x], { to }, name);

export const Sin = (x: Value, name?: Name) => applyOne('Sin', [x], {}, name);
export const Cos = (x: Value, name?: Name) => applyOne('Cos', [x], {}, name);
export const Exp = (x: Value, name?: Name) => applyOne('Exp', [x], {}, name);
export const Log = (x: Value, name?: Name) => applyOne('Log', [x], {}, name);
export const Sqrt = (x: Value, name?: Name) => applyOne('Sqrt', [x], {}, name);
export const Sign = (x: Value, name?: Name) => applyOne('Sign', [x], {}, name);
export const Erf = (x: Value, name?: Name) => applyOne('Erf', [x], {}, name);
/** The value itself, through which no gradient goes */
export const Detached = (x: Value, name?: Name) => applyOne('Identity', [x], { detached: true }, name);
export const Tanh = (x: Value, name?: Name) => applyOne('Tanh', [x], {}, name);
export const Relu = (x: Value, name?: Name) => applyOne('Relu', [x], {}, name);
export const Gelu = (x: Value, approximate: 'none' | 'tanh' = 'none', name?: Name) =>
  applyOne('Gelu', [x], { approximate }, name);
export const Clip = (x: Value, low: number, high: number, name?: Name) =>
  applyOne('Clip', [x, constant(x.type.dtype, [], [low]), constant(x.type.dtype, [], [high])], {}, name);
export const Softmax = (x: Value, axis: number, name?: Name) => applyOne('Softmax', [x], { axis }, name);
export const LpNormalization = (x: Value, axis: number, p: 1 | 2, name?: Name) =>
  applyOne('LpNormalization', [x], { axis, p }, name);

/** (…, m, k) x (…, k, n) -> (…, m, n) */
export const MatMul = (a: Value, b: Value, name?: Name) => applyOne('MatMul', [a, b], {}, name);
/** (m, k) x (k, n) + (n) -> (m, n); transposition on request */
export const Gemm = (a: Value, b: Value, bias?: Value, options: Partial<Attributes['Gemm']> = {}, name?: Name) =>
  applyOne(
    'Gemm',
    bias === undefined ? [a, b] : [a, b, bias],
    { transA: options.transA ?? false, transB: options.transB ?? false },
    name,
  );
/** (b, c, h, w), weights (o, c / group, kh, kw) -> (b, o, h', w') */
export const Conv = (
  x: Value,
  weight: Value,
  bias: Value | undefined,
  options: Omit<Attributes['Conv'], 'dilations'> & Partial<Attributes['Conv']>,
  name?: Name,
) => applyOne('Conv', bias === undefined ? [x, weight] : [x, weight, bias], { dilations: [1, 1], ...options }, name);
/** (b, o, h', w'), weights (o, c / group, kh, kw) -> (b, c, h, w) */
export const ConvTranspose = (x: Value, weight: Value, options: Attributes['ConvTranspose'], name?: Name) =>
  applyOne('ConvTranspose', [x, weight], options, name);
/** (b, c, …) with scale, bias, mean and variance (c) */
export const BatchNormalization = (
  x: Value,
  statistics: { scale: Value; bias: Value; mean: Value; variance: Value },
  epsilon: number,
  name?: Name,
) =>
  applyOne(
    'BatchNormalization',
    [x, statistics.scale, statistics.bias, statistics.mean, statistics.variance],
    { epsilon },
    name,
  );
/** Over all axes from `axis` on */
export const LayerNormalization = (
  x: Value,
  scale: Value,
  bias: Value,
  options: Attributes['LayerNormalization'],
  name?: Name,
) => applyOne('LayerNormalization', [x, scale, bias], options, name);

/** (b, c, h, w) -> (b, c, h', w') */
export const MaxPool = (x: Value, options: Attributes['MaxPool'], name?: Name) =>
  applyOne('MaxPool', [x], options, name);
/** (b, c, h, w) -> (b, c, 1, 1) */
export const GlobalAveragePool = (x: Value, name?: Name) => applyOne('GlobalAveragePool', [x], {}, name);
export const ReduceSum = (x: Value, axes: readonly number[], keepdims: boolean, name?: Name) =>
  applyOne('ReduceSum', [x, int64s(axes)], { keepdims }, name);
export const ReduceMean = (x: Value, axes: readonly number[], keepdims: boolean, name?: Name) =>
  applyOne('ReduceMean', [x, int64s(axes)], { keepdims }, name);

export const ReduceMax = (x: Value, axes: readonly number[], keepdims: boolean, name?: Name) =>
  applyOne('ReduceMax', [x, int64s(axes)], { keepdims }, name);

export const Concat = (values: readonly Value[], axis: number, name?: Name) =>
  applyOne('Concat', values, { axis }, name);
export const Split = (x: Value, sizes: readonly number[], axis: number, name?: Name) =>
  apply('Split', [x, int64s(sizes)], { axis }, name);
/** Half-open ranges along the given axes */
export const Slice = (
  x: Value,
  starts: readonly number[],
  ends: readonly number[],
  axes: readonly number[],
  name?: Name,
) => applyOne('Slice', [x, int64s(starts), int64s(ends), int64s(axes)], {}, name);
export const Gather = (x: Value, indices: Value, axis: number, name?: Name) =>
  applyOne('Gather', [x, indices], { axis }, name);
/** `data` with `updates` put, or added, at `indices` along the axis: (…, i, …) into (…, k, …) */
export const ScatterElements = (
  data: Value,
  indices: Value,
  updates: Value,
  options: Attributes['ScatterElements'],
  name?: Name,
) => applyOne('ScatterElements', [data, indices, updates], options, name);
/** Zeros around `x`: numbers before each axis, then behind each */
export const Pad = (x: Value, pads: readonly number[], name?: Name) => applyOne('Pad', [x, int64s(pads)], {}, name);
/** 0 copies a size, -1 takes the rest */
export const Reshape = (x: Value, shape: readonly number[], name?: Name) =>
  applyOne('Reshape', [x, int64s(shape)], {}, name);
/** Into the shape of another value */
export const ReshapeLike = (x: Value, like: Value, name?: Name) => applyOne('Reshape', [x, Shape(like)], {}, name);
/** Broadcast to the shape of another value */
export const ExpandLike = (x: Value, like: Value, name?: Name) => applyOne('Expand', [x, Shape(like)], {}, name);
/** (d0, …, dn) -> (d0 * … , … * dn), cut at `axis` */
export const Flatten = (x: Value, axis: number, name?: Name) => applyOne('Flatten', [x], { axis }, name);
export const Transpose = (x: Value, perm: readonly number[], name?: Name) => applyOne('Transpose', [x], { perm }, name);
export const Unsqueeze = (x: Value, axes: readonly number[], name?: Name) =>
  applyOne('Unsqueeze', [x, int64s(axes)], {}, name);
/** The run-time shape as int64 */
export const Shape = (x: Value, name?: Name) => applyOne('Shape', [x], {}, name);
/** Number of elements as int64 */
export const Size = (x: Value, name?: Name) => applyOne('Size', [x], {}, name);
/** start, start + delta, … below limit */
export const Range = (start: Value, limit: Value, delta: Value, name?: Name) =>
  applyOne('Range', [start, limit, delta], {}, name);

// What follows are ONNX Runtime's own operators: faster forms of the above, for inference alone.

/** Gelu(x + bias), exact */
export const BiasGelu = (x: Value, bias: Value, name?: Name) => applyOne('BiasGelu', [x, bias], {}, name);
/** Gelu(x + bias) with the tanh approximation */
export const FastGelu = (x: Value, bias: Value, name?: Name) => applyOne('FastGelu', [x, bias], {}, name);
/** query (b, s, d), key and value (b, t, d), mask int32 (b, t), ones for what is attended to -> (b, s, d) */
export const MultiHeadAttention = (
  parts: { query: Value; key: Value; value: Value; mask?: Value | undefined },
  options: Attributes['MultiHeadAttention'],
  name?: Name,
) => applyOne('MultiHeadAttention', [parts.query, parts.key, parts.value, undefined, parts.mask], options, name);
/** LayerNormalization(x + skip + bias) and the sum that it normalised, both (…, d) */
export const SkipLayerNormalization = (
  parts: { x: Value; skip: Value; scale: Value; shift: Value; bias: Value },
  epsilon: number,
  name?: Name,
) => {
  const inputs = [parts.x, parts.skip, parts.scale, parts.shift, parts.bias];
  const [normed, , , sum] = apply('SkipLayerNormalization', inputs, { epsilon }, name);
  return { normed: normed!, sum: sum! };
};
/** (…, k) x int8 (k, n), a scale for each column -> (…, n) */
export const DynamicQuantizeMatMul = (x: Value, weight: { values: Value; scales: Value }, name?: Name) =>
  applyOne('DynamicQuantizeMatMul', [x, weight.values, weight.scales], {}, name);
