/** Operators as functions, by their exact ONNX names. Comments give the shapes; `name` appears in errors and in the file. */
import type { DType } from '../dtype.ts';
import { constant, int64Vector, type Value } from '../value.ts';
import { applyOp, applySingleOutputOp } from './apply-op.ts';
import type { Attributes } from './op-attributes.ts';

type OptionalName = string | undefined;

export const Add = (a: Value, b: Value, name?: OptionalName) => applySingleOutputOp('Add', [a, b], {}, name);
export const Sub = (a: Value, b: Value, name?: OptionalName) => applySingleOutputOp('Sub', [a, b], {}, name);
export const Mul = (a: Value, b: Value, name?: OptionalName) => applySingleOutputOp('Mul', [a, b], {}, name);
export const Div = (a: Value, b: Value, name?: OptionalName) => applySingleOutputOp('Div', [a, b], {}, name);
export const Max = (a: Value, b: Value, name?: OptionalName) => applySingleOutputOp('Max', [a, b], {}, name);
export const Equal = (a: Value, b: Value, name?: OptionalName) => applySingleOutputOp('Equal', [a, b], {}, name);
export const And = (a: Value, b: Value, name?: OptionalName) => applySingleOutputOp('And', [a, b], {}, name);
export const Not = (x: Value, name?: OptionalName) => applySingleOutputOp('Not', [x], {}, name);
export const Greater = (a: Value, b: Value, name?: OptionalName) => applySingleOutputOp('Greater', [a, b], {}, name);
export const Where = (condition: Value, yes: Value, no: Value, name?: OptionalName) =>
  applySingleOutputOp('Where', [condition, yes, no], {}, name);
export const Cast = (x: Value, to: DType, name?: OptionalName) => applySingleOutputOp('Cast', [x], { to }, name);

export const Sin = (x: Value, name?: OptionalName) => applySingleOutputOp('Sin', [x], {}, name);
export const Cos = (x: Value, name?: OptionalName) => applySingleOutputOp('Cos', [x], {}, name);
export const Exp = (x: Value, name?: OptionalName) => applySingleOutputOp('Exp', [x], {}, name);
export const Log = (x: Value, name?: OptionalName) => applySingleOutputOp('Log', [x], {}, name);
export const Sqrt = (x: Value, name?: OptionalName) => applySingleOutputOp('Sqrt', [x], {}, name);
export const Sign = (x: Value, name?: OptionalName) => applySingleOutputOp('Sign', [x], {}, name);
export const Erf = (x: Value, name?: OptionalName) => applySingleOutputOp('Erf', [x], {}, name);
/** The value itself, but no gradient goes through it. */
export const Detach = (x: Value, name?: OptionalName) => applySingleOutputOp('Identity', [x], { detached: true }, name);
export const Tanh = (x: Value, name?: OptionalName) => applySingleOutputOp('Tanh', [x], {}, name);
export const Relu = (x: Value, name?: OptionalName) => applySingleOutputOp('Relu', [x], {}, name);
export const Gelu = (x: Value, approximate: 'none' | 'tanh' = 'none', name?: OptionalName) =>
  applySingleOutputOp('Gelu', [x], { approximate }, name);
export const Clip = (x: Value, low: number, high: number, name?: OptionalName) =>
  applySingleOutputOp('Clip', [x, constant(x.type.dtype, [], [low]), constant(x.type.dtype, [], [high])], {}, name);
export const Softmax = (x: Value, axis: number, name?: OptionalName) =>
  applySingleOutputOp('Softmax', [x], { axis }, name);
export const LpNormalization = (x: Value, axis: number, p: 1 | 2, name?: OptionalName) =>
  applySingleOutputOp('LpNormalization', [x], { axis, p }, name);

/** (…, m, k) x (…, k, n) -> (…, m, n) */
export const MatMul = (a: Value, b: Value, name?: OptionalName) => applySingleOutputOp('MatMul', [a, b], {}, name);
/** (m, k) x (k, n) + (n) -> (m, n). Either matrix may be stored transposed. */
export const Gemm = (
  a: Value,
  b: Value,
  bias?: Value,
  options: Partial<Attributes['Gemm']> = {},
  name?: OptionalName,
) =>
  applySingleOutputOp(
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
  name?: OptionalName,
) =>
  applySingleOutputOp(
    'Conv',
    bias === undefined ? [x, weight] : [x, weight, bias],
    { dilations: [1, 1], ...options },
    name,
  );
/** (b, o, h', w'), weights (o, c / group, kh, kw) -> (b, c, h, w) */
export const ConvTranspose = (x: Value, weight: Value, options: Attributes['ConvTranspose'], name?: OptionalName) =>
  applySingleOutputOp('ConvTranspose', [x, weight], options, name);
/** (b, c, …) with scale, bias, mean and variance (c) */
export const BatchNormalization = (
  x: Value,
  statistics: { scale: Value; bias: Value; mean: Value; variance: Value },
  epsilon: number,
  name?: OptionalName,
) =>
  applySingleOutputOp(
    'BatchNormalization',
    [x, statistics.scale, statistics.bias, statistics.mean, statistics.variance],
    { epsilon },
    name,
  );
/** Normalises over all axes from `axis` on. */
export const LayerNormalization = (
  x: Value,
  scale: Value,
  bias: Value,
  options: Attributes['LayerNormalization'],
  name?: OptionalName,
) => applySingleOutputOp('LayerNormalization', [x, scale, bias], options, name);

/** (b, c, h, w) -> (b, c, h', w') */
export const MaxPool = (x: Value, options: Attributes['MaxPool'], name?: OptionalName) =>
  applySingleOutputOp('MaxPool', [x], options, name);
/** (b, c, h, w) -> (b, c, 1, 1) */
export const GlobalAveragePool = (x: Value, name?: OptionalName) =>
  applySingleOutputOp('GlobalAveragePool', [x], {}, name);
export const ReduceSum = (x: Value, axes: readonly number[], keepdims: boolean, name?: OptionalName) =>
  applySingleOutputOp('ReduceSum', [x, int64Vector(axes)], { keepdims }, name);
export const ReduceMean = (x: Value, axes: readonly number[], keepdims: boolean, name?: OptionalName) =>
  applySingleOutputOp('ReduceMean', [x, int64Vector(axes)], { keepdims }, name);

export const ReduceMax = (x: Value, axes: readonly number[], keepdims: boolean, name?: OptionalName) =>
  applySingleOutputOp('ReduceMax', [x, int64Vector(axes)], { keepdims }, name);

export const Concat = (values: readonly Value[], axis: number, name?: OptionalName) =>
  applySingleOutputOp('Concat', values, { axis }, name);
export const Split = (x: Value, sizes: readonly number[], axis: number, name?: OptionalName) =>
  applyOp('Split', [x, int64Vector(sizes)], { axis }, name);
/** The elements in half-open ranges along the given axes. */
export const Slice = (
  x: Value,
  starts: readonly number[],
  ends: readonly number[],
  axes: readonly number[],
  name?: OptionalName,
) => applySingleOutputOp('Slice', [x, int64Vector(starts), int64Vector(ends), int64Vector(axes)], {}, name);
export const Gather = (x: Value, indices: Value, axis: number, name?: OptionalName) =>
  applySingleOutputOp('Gather', [x, indices], { axis }, name);
/** A copy of `data` in which `updates` replace, or are added to, the elements at `indices` along the axis: (…, i, …) into (…, k, …) */
export const ScatterElements = (
  data: Value,
  indices: Value,
  updates: Value,
  options: Attributes['ScatterElements'],
  name?: OptionalName,
) => applySingleOutputOp('ScatterElements', [data, indices, updates], options, name);
/** `x` with zeros around it: the counts before each axis, then those behind each. */
export const Pad = (x: Value, pads: readonly number[], name?: OptionalName) =>
  applySingleOutputOp('Pad', [x, int64Vector(pads)], {}, name);
/** The same elements in another shape, in which 0 copies a size and -1 takes the rest. */
export const Reshape = (x: Value, shape: readonly number[], name?: OptionalName) =>
  applySingleOutputOp('Reshape', [x, int64Vector(shape)], {}, name);
/** The same elements in the shape of another value. */
export const ReshapeLike = (x: Value, like: Value, name?: OptionalName) =>
  applySingleOutputOp('Reshape', [x, Shape(like)], {}, name);
/** `x` broadcast to the shape of another value. */
export const ExpandLike = (x: Value, like: Value, name?: OptionalName) =>
  applySingleOutputOp('Expand', [x, Shape(like)], {}, name);
/** (d0, …, dn) -> (d0 * … , … * dn), cut at `axis` */
export const Flatten = (x: Value, axis: number, name?: OptionalName) =>
  applySingleOutputOp('Flatten', [x], { axis }, name);
export const Transpose = (x: Value, perm: readonly number[], name?: OptionalName) =>
  applySingleOutputOp('Transpose', [x], { perm }, name);
export const Unsqueeze = (x: Value, axes: readonly number[], name?: OptionalName) =>
  applySingleOutputOp('Unsqueeze', [x, int64Vector(axes)], {}, name);
/** The shape at run time as int64 */
export const Shape = (x: Value, name?: OptionalName) => applySingleOutputOp('Shape', [x], {}, name);
/** The number of elements as int64 */
export const Size = (x: Value, name?: OptionalName) => applySingleOutputOp('Size', [x], {}, name);
/** The numbers start, start + delta, … below limit. */
export const Range = (start: Value, limit: Value, delta: Value, name?: OptionalName) =>
  applySingleOutputOp('Range', [start, limit, delta], {}, name);

// ONNX Runtime's own operators from here on: faster forms of those above, only for inference.

/** Gelu(x + bias), exact */
export const BiasGelu = (x: Value, bias: Value, name?: OptionalName) =>
  applySingleOutputOp('BiasGelu', [x, bias], {}, name);
/** Gelu(x + bias) with the tanh approximation */
export const FastGelu = (x: Value, bias: Value, name?: OptionalName) =>
  applySingleOutputOp('FastGelu', [x, bias], {}, name);
/** query (b, s, d), key and value (b, t, d), mask int32 (b, t), with ones for the keys that are attended to -> (b, s, d) */
export const MultiHeadAttention = (
  operands: { query: Value; key: Value; value: Value; mask?: Value | undefined },
  options: Attributes['MultiHeadAttention'],
  name?: OptionalName,
) =>
  applySingleOutputOp(
    'MultiHeadAttention',
    [operands.query, operands.key, operands.value, undefined, operands.mask],
    options,
    name,
  );
/** LayerNormalization(x + skip + bias), and the sum that it normalised, both (…, d) */
export const SkipLayerNormalization = (
  operands: { x: Value; skip: Value; scale: Value; shift: Value; bias: Value },
  epsilon: number,
  name?: OptionalName,
) => {
  const { x, skip, scale, shift, bias } = operands;
  const [normed, , , sum] = applyOp('SkipLayerNormalization', [x, skip, scale, shift, bias], { epsilon }, name);
  return { normed, sum };
};
/** (…, k) x int8 (k, n), a scale for each column -> (…, n) */
export const DynamicQuantizeMatMul = (x: Value, weight: { values: Value; scales: Value }, name?: OptionalName) =>
  applySingleOutputOp('DynamicQuantizeMatMul', [x, weight.values, weight.scales], {}, name);
