import { open } from 'node:fs/promises';
import path from 'node:path';
import { create } from '@bufbuild/protobuf';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
  TensorProtoSchema,
} from './onnx_pb.ts';
import { type OnnxModel, type OnnxTensor, withFields } from './onnx-schema.ts';

/**
 * Models with more weights than this keep them in a file of their own while they are opened. An ONNX file is one protobuf
 * message, which may have at most 2 GiB. And with far less, encoding and parsing it hold every weight twice more (SigLIP-B:
 * 1.7 GB at the peak instead of 0.9).
 */
export const MAX_INLINE_WEIGHT_BYTES = 128 * 2 ** 20;

/** Smaller tensors stay in the model: ONNX Runtime reads shapes and axes while it loads. */
const MIN_EXTERNAL_TENSOR_BYTES = 1024;

export function countWeightBytes(model: OnnxModel): number {
  return (model.graph?.initializer ?? []).reduce((total, { rawData }) => total + rawData.byteLength, 0);
}

/**
 * Writes a model's weights to a file, and returns the model that refers to this file by its name alone: whoever loads the
 * model says in which folder the file is. Source: onnx.proto, TensorProto.external_data.
 */
export async function moveWeightsToFile(model: OnnxModel, file: string): Promise<OnnxModel> {
  const { graph } = model;
  if (graph === undefined) return model;
  await using handle = await open(file, 'w');
  const initializer: OnnxTensor[] = [];
  let offset = 0;
  for (const tensor of graph.initializer) {
    const { rawData } = tensor;
    if (rawData.byteLength < MIN_EXTERNAL_TENSOR_BYTES) {
      initializer.push(tensor);
      continue;
    }
    await handle.writeFile(rawData);
    initializer.push(externalTensor(tensor, path.basename(file), offset));
    offset += rawData.byteLength;
  }
  return withFields(ModelProtoSchema, model, { graph: withFields(GraphProtoSchema, graph, { initializer }) });
}

function externalTensor({ name, dims, dataType, rawData }: OnnxTensor, location: string, offset: number): OnnxTensor {
  const reference = { location, offset, length: rawData.byteLength };
  return create(TensorProtoSchema, {
    name,
    dims,
    dataType,
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: Object.entries(reference).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value: String(value) }),
    ),
  });
}
