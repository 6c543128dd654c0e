import * as ort from 'onnxruntime-node';
import { ModelError } from '../../model/model-error.ts';
import type { Provider } from '../contract.ts';
import { executionProviders } from './provider.ts';

export interface SessionOptions {
  readonly provider: Provider;
  readonly device: number;
  readonly threads: number;
}

/** A warm ONNX Runtime session for a model's bytes. */
export async function createSession(bytes: Uint8Array, options: SessionOptions): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(bytes, {
    executionProviders: executionProviders(options.provider, options.device),
    intraOpNumThreads: options.threads,
    // Threads that spin between runs cost more than they save: 62 % of a core at 20 requests/s against 10 %.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    logSeverityLevel: 3,
  });
}

/** A float32 output's values. Copied, because the next run may reuse the memory. */
export function floatOutput(outputs: ort.InferenceSession.OnnxValueMapType, name: string): Float32Array {
  return Float32Array.from(outputs[name]!.data as Float32Array);
}

/** The same for a plugged-in encoder, whose description may be wrong. @throws ModelError */
export function rowsOutput(
  outputs: ort.InferenceSession.OnnxValueMapType,
  name: string,
  expected: readonly [number, number],
): Float32Array {
  const { dims } = outputs[name]!;
  if (dims.length === 2 && dims[0] === expected[0] && dims[1] === expected[1]) return floatOutput(outputs, name);
  throw new ModelError(`the encoder's output "${name}" has the shape (${dims}), model.json says (${expected})`);
}

export { ort };
