import assert from 'node:assert/strict';
import * as ort from 'onnxruntime-node';
import { gradients } from '../../../src/autodiff/gradients.ts';
import { emit } from '../../../src/graph/emit/emit.ts';
import type { OpName } from '../../../src/graph/ops/attributes.ts';
import { Add, Cast, Mul, ReduceSum } from '../../../src/graph/ops/index.ts';
import type { Shape } from '../../../src/graph/shape.ts';
import { constant, input, type TensorType, type Value } from '../../../src/graph/value.ts';
import { dependencies } from '../../../src/graph/walk.ts';
import {
  centralDifferences,
  gridPoints,
  normError,
  type Range,
  worstError,
} from '../../support/central-differences.ts';
import type { Tensor } from './plain.ts';

/** What the symbols of all cases stand for. */
const SIZES: Readonly<Record<string, number>> = { n: 3, t: 2 };

/** Float numbers by which the loss is differentiated, or, with `integers`, fixed int64 ones. */
export interface Operand {
  readonly shape: Shape;
  readonly range?: Range;
  readonly integers?: readonly number[];
}

export interface RuleCase {
  readonly op: OpName;
  readonly what: string;
  readonly operands: readonly (Shape | Operand)[];
  /** One value of the operator, or several that all count */
  readonly build: (...operands: Value[]) => Value | readonly Value[];
  /** The operator in float64, where ONNX Runtime has it only in float32 */
  readonly plain?: (...operands: Tensor[]) => Tensor;
}

export const positive = (shape: Shape): Operand => ({ shape, range: 'positive' });
export const integers = (shape: Shape, values: readonly number[]): Operand => ({ shape, integers: values });

/** A scalar, or a few numbers, of the type of `x`. */
export const numbers = (x: Value, values: number | readonly number[]) =>
  typeof values === 'number' ? constant(x.type.dtype, [], [values]) : constant(x.type.dtype, [values.length], values);

/** The shapes, as in "(2, 3) (3)" */
export const formatted = (operands: readonly (Shape | Operand)[]) =>
  operands.map((operand) => `(${('shape' in operand ? operand.shape : operand).join(', ')})`).join(' ');

/**
 * Compares the gradients of loss = sum of every element of every output, each times a number of its own, with central
 * differences: of the graph itself in float64, or of the plain operator where ONNX Runtime cannot.
 */
export async function checkRule(rule: RuleCase): Promise<{ readonly error: number; readonly forward: number }> {
  const dtype = rule.plain ? 'float32' : 'float64';
  const operands = rule.operands.map((operand): Operand => ('shape' in operand ? operand : { shape: operand }));
  const values = operands.map(({ shape, integers: fixed }, at) => input(`x${at}`, fixed ? 'int64' : dtype, shape));
  const built = rule.build(...values);
  const outputs = 'kind' in built ? [built] : built;
  assert.ok(
    dependencies(outputs).nodes.some(({ op }) => op === rule.op),
    `the graph has no ${rule.op}`,
  );

  const tensors = operands.map(operandTensor);
  const feeds = Object.fromEntries(tensors.map((tensor, at) => [`x${at}`, fed(tensor, values[at]!.type)]));
  const forward = await runOnce(Object.fromEntries(outputs.map((y, at) => [`y${at}`, y])), feeds);
  const weights = outputs.map((y, at) => input(`w${at}`, y.type.dtype, y.type.shape));
  const factors = outputs.map((_, at): Tensor => {
    const dims = forward[`y${at}`]!.dims;
    return { shape: dims, data: gridPoints(sizeOf(dims), 100 + at, 'any') };
  });
  for (const [at, factor] of factors.entries()) feeds[`w${at}`] = fed(factor, weights[at]!.type);

  const parts = outputs.map((y, at) => summed(Mul(y, weights[at]!)));
  const loss = parts.reduce((sum, part) => Add(sum, part));
  const free = operands.flatMap(({ integers: fixed }, at) => (fixed ? [] : [at]));
  const found = gradients(
    loss,
    free.map((at) => values[at]!),
  );
  const wanted = found.flatMap((gradient, at) => (gradient ? [[`gradient${at}`, gradient] as const] : []));
  const actual = await runOnce({ loss, ...Object.fromEntries(wanted) }, feeds);

  const points = free.map((at) => tensors[at]!.data);
  const slopes = rule.plain
    ? await centralDifferences((moved) => plainLoss(rule.plain!, tensors, moved, factors[0]!), points)
    : await graphSlopes(loss, feeds, free, tensors, points);

  const errors = slopes.map((expected, at) => {
    const { dims, data } = actual[`gradient${at}`] ?? { dims: tensors[free[at]!]!.shape, data: undefined };
    assert.deepEqual([...dims], tensors[free[at]!]!.shape, 'a gradient has the shape of its variable');
    // No gradient at all says that all of it is zero.
    const elements = (data ?? new Float64Array(expected.length)) as Float64Array;
    return rule.plain ? normError(elements, expected) : worstError(elements, expected);
  });
  const apart = rule.plain ? normError(forward['y0']!.data as Float32Array, rule.plain(...tensors).data) : 0;
  return { error: Math.max(0, ...errors), forward: apart };
}

/** In float64, so that a float32 loss can be added to one of another type. */
function summed(x: Value): Value {
  const { shape, dtype } = x.type;
  const total =
    shape.length === 0
      ? x
      : ReduceSum(
          x,
          shape.map((_, axis) => axis),
          false,
        );
  return dtype === 'float64' ? total : Cast(total, 'float64');
}

async function graphSlopes(
  loss: Value,
  feeds: Record<string, ort.Tensor>,
  free: readonly number[],
  tensors: readonly Tensor[],
  points: readonly Float64Array[],
): Promise<Float64Array[]> {
  const session = await open({ loss });
  try {
    const used = Object.fromEntries(Object.entries(feeds).filter(([name]) => session.inputNames.includes(name)));
    return await centralDifferences(async (moved) => {
      const changed = free.map((at, place) => [`x${at}`, new ort.Tensor('float64', moved[place]!, tensors[at]!.shape)]);
      const inUse = changed.filter(([name]) => session.inputNames.includes(name as string));
      const { loss: result } = await session.run({ ...used, ...Object.fromEntries(inUse) });
      return (result!.data as Float64Array)[0]!;
    }, points);
  } finally {
    await session.release();
  }
}

function plainLoss(
  plain: NonNullable<RuleCase['plain']>,
  tensors: readonly Tensor[],
  moved: readonly Float64Array[],
  factor: Tensor,
): number {
  const result = plain(...tensors.map(({ shape }, at) => ({ shape, data: moved[at]! })));
  return result.data.reduce((sum, value, at) => sum + value * factor.data[at]!, 0);
}

function operandTensor({ shape, range = 'any', integers: fixed }: Operand, at: number): Tensor {
  const sizes = shape.map((dim) => (typeof dim === 'number' ? dim : SIZES[dim]!));
  return { shape: sizes, data: fixed ? Float64Array.from(fixed) : gridPoints(sizeOf(sizes), at, range) };
}

function fed({ shape, data }: Tensor, { dtype }: TensorType): ort.Tensor {
  if (dtype === 'int64') return new ort.Tensor(dtype, BigInt64Array.from(data, BigInt), shape);
  return dtype === 'float64'
    ? new ort.Tensor(dtype, Float64Array.from(data), shape)
    : new ort.Tensor('float32', Float32Array.from(data), shape);
}

async function runOnce(outputs: Record<string, Value>, feeds: Record<string, ort.Tensor>) {
  const session = await open(outputs);
  try {
    const used = Object.entries(feeds).filter(([name]) => session.inputNames.includes(name));
    return (await session.run(Object.fromEntries(used))) as Record<string, ort.Tensor>;
  } finally {
    await session.release();
  }
}

/** One thread: the graphs are tiny. */
function open(outputs: Record<string, Value>): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(emit({ name: 'case', outputs }), {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
  });
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}
