import * as ort from 'onnxruntime-node';
import { emit, type GraphDefinition } from '../../src/graph/emit/emit.ts';

/** Runs a graph once on the CPU. */
export async function runGraph(
  definition: GraphDefinition,
  feeds: Record<string, ort.Tensor>,
): Promise<Record<string, ort.Tensor>> {
  const session = await ort.InferenceSession.create(emit(definition), { executionProviders: ['cpu'] });
  try {
    return (await session.run(feeds)) as Record<string, ort.Tensor>;
  } finally {
    await session.release();
  }
}

export function float32Tensor(data: ArrayLike<number>, dims: readonly number[]): ort.Tensor {
  return new ort.Tensor('float32', Float32Array.from(data), dims);
}
