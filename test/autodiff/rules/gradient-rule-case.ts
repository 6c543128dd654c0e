import assert from 'node:assert/strict';
import * as ort from 'onnxruntime-node';
import { gradients } from '../../../src/autodiff/gradients.ts';
import { collectDependencies } from '../../../src/graph/dependencies.ts';
import { emit } from '../../../src/graph/emit/emit.ts';
import type { OpName } from '../../../src/graph/ops/op-attributes.ts';
import { Add, Cast, Mul, ReduceSum } from '../../../src/graph/ops/operators.ts';
import type { Shape } from '../../../src/graph/shape.ts';
import { constant, input, type TensorType, type Value } from '../../../src/graph/value.ts';
import {
  centralDifferences,
  gridPoints,
  maxRelativeError,
  type PointRange,
  relativeNormError,
} from '../../support/central-differences.ts';
import type { Float64Tensor } from './reference-operators.ts';

/** The sizes of the symbols of all cases. */
const SYMBOL_SIZES: Readonly<Record<string, number>> = { n: 3, t: 2 };

/** Floats by which the loss is differentiated, or, with `integers`, fixed int64 numbers. */
export interface Operand {
  readonly shape: Shape;
  readonly range?: PointRange;
  readonly integers?: readonly number[];
}

export interface RuleCase {
  readonly op: OpName;
  readonly description: string;
  readonly operands: readonly (Shape | Operand)[];
  /** One value of the operator, or several that all count */
  readonly build: (...operands: Value[]) => Value | readonly Value[];
  /** The operator in float64, where ONNX Runtime has it only in float32 */
  readonly reference?: (...operands: Float64Tensor[]) => Float64Tensor;
}

export const positiveOperand = (shape: Shape): Operand => ({ shape, range: 'positive' });
export const integerOperand = (shape: Shape, values: readonly number[]): Operand => ({ shape, integers: values });

/** A scalar, or a few numbers, of the type of `x`. */
export const constantLike = (x: Value, values: number | readonly number[]) =>
  typeof values === 'number' ? constant(x.type.dtype, [], [values]) : constant(x.type.dtype, [values.length], values);

/** The shapes, as in "(2, 3) (3)" */
export const formatShapes = (operands: readonly (Shape | Operand)[]) =>
  operands.map((operand) => `(${('shape' in operand ? operand.shape : operand).join(', ')})`).join(' ');

/**
 * Compares the gradients of loss = sum of every element of every output, each times a number of its own, with central
 * differences: of the graph itself in float64, or of the reference operator where ONNX Runtime cannot.
 */
export async function checkRule(
  rule: RuleCase,
): Promise<{ readonly gradientError: number; readonly forwardError: number }> {
  const dtype = rule.reference ? 'float32' : 'float64';
  const operands = rule.operands.map((operand): Operand => ('shape' in operand ? operand : { shape: operand }));
  const values = operands.map(({ shape, integers: fixed }, i) => input(`x${i}`, fixed ? 'int64' : dtype, shape));
  const built = rule.build(...values);
  const outputs = 'kind' in built ? [built] : built;
  assert.ok(
    collectDependencies(outputs).nodes.some(({ op }) => op === rule.op),
    `the graph has no ${rule.op}`,
  );

  const tensors = operands.map(operandTensor);
  const feeds = Object.fromEntries(tensors.map((tensor, i) => [`x${i}`, toOrtTensor(tensor, values[i]!.type)]));
  const forwardOutputs = await runOnce(Object.fromEntries(outputs.map((y, i) => [`y${i}`, y])), feeds);
  const weights = outputs.map((y, i) => input(`w${i}`, y.type.dtype, y.type.shape));
  const factors = outputs.map((_, i): Float64Tensor => {
    const dims = forwardOutputs[`y${i}`]!.dims;
    return { shape: dims, data: gridPoints(sizeOf(dims), 100 + i, 'any') };
  });
  for (const [i, factor] of factors.entries()) feeds[`w${i}`] = toOrtTensor(factor, weights[i]!.type);

  const parts = outputs.map((y, i) => sumElements(Mul(y, weights[i]!)));
  const loss = parts.reduce((sum, part) => Add(sum, part));
  const variableIndices = operands.flatMap(({ integers: fixed }, i) => (fixed ? [] : [i]));
  const computedGradients = gradients(
    loss,
    variableIndices.map((i) => values[i]!),
  );
  const gradientOutputs = computedGradients.flatMap((gradient, i) =>
    gradient ? [[`gradient${i}`, gradient] as const] : [],
  );
  const actual = await runOnce({ loss, ...Object.fromEntries(gradientOutputs) }, feeds);

  const points = variableIndices.map((i) => tensors[i]!.data);
  const numericalGradients = rule.reference
    ? await centralDifferences((perturbed) => referenceLoss(rule.reference!, tensors, perturbed, factors[0]!), points)
    : await numericalGraphGradients(loss, feeds, variableIndices, tensors, points);

  const errors = numericalGradients.map((expected, i) => {
    const { dims, data } = actual[`gradient${i}`] ?? { dims: tensors[variableIndices[i]!]!.shape, data: undefined };
    assert.deepEqual([...dims], tensors[variableIndices[i]!]!.shape, 'a gradient has the shape of its variable');
    // A gradient that is undefined is zero everywhere.
    const elements = (data ?? new Float64Array(expected.length)) as Float64Array;
    return rule.reference ? relativeNormError(elements, expected) : maxRelativeError(elements, expected);
  });
  const forwardError = rule.reference
    ? relativeNormError(forwardOutputs['y0']!.data as Float32Array, rule.reference(...tensors).data)
    : 0;
  return { gradientError: Math.max(0, ...errors), forwardError };
}

/** Sums all elements in float64, so that losses of different types can be added. */
function sumElements(x: Value): Value {
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

async function numericalGraphGradients(
  loss: Value,
  feeds: Record<string, ort.Tensor>,
  variableIndices: readonly number[],
  tensors: readonly Float64Tensor[],
  points: readonly Float64Array[],
): Promise<Float64Array[]> {
  const session = await openSession({ loss });
  try {
    const usedFeeds = Object.fromEntries(Object.entries(feeds).filter(([name]) => session.inputNames.includes(name)));
    return await centralDifferences(async (perturbed) => {
      const changed = variableIndices.map((index, i) => [
        `x${index}`,
        new ort.Tensor('float64', perturbed[i]!, tensors[index]!.shape),
      ]);
      const usedChanges = changed.filter(([name]) => session.inputNames.includes(name as string));
      const { loss: result } = await session.run({ ...usedFeeds, ...Object.fromEntries(usedChanges) });
      return (result!.data as Float64Array)[0]!;
    }, points);
  } finally {
    await session.release();
  }
}

function referenceLoss(
  reference: NonNullable<RuleCase['reference']>,
  tensors: readonly Float64Tensor[],
  perturbed: readonly Float64Array[],
  factor: Float64Tensor,
): number {
  const result = reference(...tensors.map(({ shape }, i) => ({ shape, data: perturbed[i]! })));
  return result.data.reduce((sum, value, i) => sum + value * factor.data[i]!, 0);
}

function operandTensor({ shape, range = 'any', integers: fixed }: Operand, seed: number): Float64Tensor {
  const sizes = shape.map((dim) => (typeof dim === 'number' ? dim : SYMBOL_SIZES[dim]!));
  return { shape: sizes, data: fixed ? Float64Array.from(fixed) : gridPoints(sizeOf(sizes), seed, range) };
}

function toOrtTensor({ shape, data }: Float64Tensor, { dtype }: TensorType): ort.Tensor {
  if (dtype === 'int64') return new ort.Tensor(dtype, BigInt64Array.from(data, BigInt), shape);
  return dtype === 'float64'
    ? new ort.Tensor(dtype, Float64Array.from(data), shape)
    : new ort.Tensor('float32', Float32Array.from(data), shape);
}

async function runOnce(outputs: Record<string, Value>, feeds: Record<string, ort.Tensor>) {
  const session = await openSession(outputs);
  try {
    const usedFeeds = Object.entries(feeds).filter(([name]) => session.inputNames.includes(name));
    return (await session.run(Object.fromEntries(usedFeeds))) as Record<string, ort.Tensor>;
  } finally {
    await session.release();
  }
}

/** One thread: the graphs are tiny. */
function openSession(outputs: Record<string, Value>): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(emit({ name: 'case', outputs }), {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
  });
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}
