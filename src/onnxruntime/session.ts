import { tmpdir } from 'node:os';
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { makeOwnedFolder, removeAbandonedFolders } from '../files/owned-folder.ts';
import { countWeightBytes, MAX_INLINE_WEIGHT_BYTES, moveWeightsToFile } from '../graph/emit/external-data.ts';
import { encodeOnnxModel } from '../graph/emit/onnx-encoding.ts';
import type { OnnxModel } from '../graph/emit/onnx-schema.ts';
import { ModelError } from '../model/model-error.ts';
import { executionProviders } from './choose-provider.ts';
import type { Provider } from './provider.ts';

export interface SessionOptions {
  readonly provider: Provider;
  readonly device: number;
  readonly threads: number;
}

const WEIGHTS_PREFIX = 'panelvec-weights';

/** Creates an ONNX Runtime session for a graph, with weights of any size. */
export async function createSession(model: OnnxModel, options: SessionOptions): Promise<ort.InferenceSession> {
  if (countWeightBytes(model) < MAX_INLINE_WEIGHT_BYTES) return openSession(encodeOnnxModel(model), options);
  await removeAbandonedFolders(tmpdir(), WEIGHTS_PREFIX);
  await using folder = await makeOwnedFolder(tmpdir(), WEIGHTS_PREFIX);
  const lightModel = await moveWeightsToFile(model, path.join(folder.path, 'weights'));
  // An open session has read or mapped the file, so the folder may go.
  return await openSession(encodeOnnxModel(lightModel), options, {
    model_external_initializers_file_folder_path: folder.path,
  });
}

function openSession(bytes: Uint8Array, options: SessionOptions, settings: object = {}): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(bytes, {
    executionProviders: executionProviders(options.provider, options.device),
    intraOpNumThreads: options.threads,
    // Threads that spin between runs cost more than they save: 62 % of a core at 20 requests/s against 10 %.
    extra: { session: { intra_op: { allow_spinning: '0' }, ...settings } },
    logSeverityLevel: 3,
  });
}

/** Values of a float32 output. They are copied, because the next run may reuse the memory. @throws ModelError */
export function readFloatOutput(outputs: ort.InferenceSession.OnnxValueMapType, name: string): Float32Array {
  const { data } = getOutput(outputs, name);
  if (!(data instanceof Float32Array)) throw new ModelError(`the output "${name}" is not float32`);
  return data.slice();
}

/** Values of a float32 output with n rows, of an encoder whose description may be wrong. @throws ModelError */
export function readRowsOutput(
  outputs: ort.InferenceSession.OnnxValueMapType,
  name: string,
  expected: readonly [number, number],
): Float32Array {
  const { dims } = getOutput(outputs, name);
  if (dims.length === 2 && dims[0] === expected[0] && dims[1] === expected[1]) return readFloatOutput(outputs, name);
  throw new ModelError(`the encoder's output "${name}" has the shape (${dims}), model.json says (${expected})`);
}

function getOutput(outputs: ort.InferenceSession.OnnxValueMapType, name: string): ort.OnnxValue {
  const output = outputs[name];
  if (output === undefined) throw new ModelError(`the graph has no output "${name}"`);
  return output;
}

export { ort };
