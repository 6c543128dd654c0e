import { open } from 'node:fs/promises';
import path from 'node:path';
import { type OnnxModel, type OnnxTensor, TensorProto } from './onnx-schema.ts';

/**
 * Models with more weights than this keep them in a file of their own while they are opened. An ONNX file is one protobuf
 * message, which ends at 2 GiB; and long before, encoding and parsing it hold every weight twice more (SigLIP-B: 1.7 GB
 * at the peak instead of 0.9).
 */
export const MAX_INLINE_WEIGHT_BYTES = 128 * 2 ** 20;

/** Tensors below this stay in the model: ONNX Runtime reads shapes and axes while it loads. */
const MIN_EXTERNAL_TENSOR_BYTES = 1024;

export function countWeightBytes(model: OnnxModel): number {
  return (model.graph?.initializer ?? []).reduce((total, tensor) => total + (tensor.rawData?.byteLength ?? 0), 0);
}

/**
 * Moves a model's weights to a file and gives the model that refers to it, by its name alone: whoever loads the model
 * says in which folder the file is. Source: onnx.proto, TensorProto.external_data.
 */
export async function moveWeightsToFile(model: OnnxModel, file: string): Promise<OnnxModel> {
  await using handle = await open(file, 'w');
  const initializer: OnnxTensor[] = [];
  let offset = 0;
  for (const tensor of model.graph?.initializer ?? []) {
    const bytes = tensor.rawData;
    if (!bytes || bytes.byteLength < MIN_EXTERNAL_TENSOR_BYTES) {
      initializer.push(tensor);
      continue;
    }
    await handle.writeFile(bytes);
    initializer.push(externalTensor(tensor, path.basename(file), offset, bytes.byteLength));
    offset += bytes.byteLength;
  }
  return { ...model, graph: { ...model.graph, initializer } };
}

function externalTensor(
  { name, dims, dataType }: OnnxTensor,
  location: string,
  offset: number,
  length: number,
): OnnxTensor {
  const entries = Object.entries({ location, offset, length }).map(([key, value]) => ({ key, value: String(value) }));
  return { name, dims, dataType, dataLocation: TensorProto.DataLocation.EXTERNAL, externalData: entries };
}
