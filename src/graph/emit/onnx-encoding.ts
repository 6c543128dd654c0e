import { type DescField, type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { firstLine } from '../../errors.ts';
import { describeForeignContent, FOREIGN_CONTENT_BYTES } from '../../files/foreign-content.ts';
import { GraphError } from '../value.ts';
import { GraphProtoSchema, ModelProtoSchema, TensorProtoSchema } from './onnx_pb.ts';
import { type OnnxModel, type OnnxTensor, withFields } from './onnx-schema.ts';

/**
 * Tensors of this size and more are copied once, into the result. The library writes into a buffer that it doubles when it
 * is full, and copies what it has at the end: for SigLIP-B, four times slower and with twice the memory.
 */
const MIN_SPLICED_BYTES = 1 << 16;

/** Encodes a model as an ONNX file. The bytes are those that the library alone would write. */
export function encodeOnnxModel(model: OnnxModel): Uint8Array {
  const { graph } = model;
  if (graph === undefined || !graph.initializer.some(isSpliced)) return toBinary(ModelProtoSchema, model);
  const tensors = graph.initializer.flatMap((tensor) =>
    delimited(GraphProtoSchema.field.initializer, encodeTensor(tensor)),
  );
  const chunks = encodeAround(GraphProtoSchema, graph, GraphProtoSchema.field.initializer, tensors);
  const { field } = ModelProtoSchema;
  return Buffer.concat(encodeAround(ModelProtoSchema, model, field.graph, delimited(field.graph, chunks)));
}

function isSpliced({ rawData }: OnnxTensor): boolean {
  return rawData.byteLength >= MIN_SPLICED_BYTES;
}

function encodeTensor(tensor: OnnxTensor): Uint8Array[] {
  if (!isSpliced(tensor)) return [toBinary(TensorProtoSchema, tensor)];
  const { rawData } = TensorProtoSchema.field;
  return encodeAround(TensorProtoSchema, tensor, rawData, delimited(rawData, [tensor.rawData]));
}

/** Encodes a message of which one field is encoded already: the fields before it, that field, the fields after it. */
function encodeAround<D extends DescMessage>(
  schema: D,
  message: MessageShape<D>,
  { number }: DescField,
  encoded: readonly Uint8Array[],
): Uint8Array[] {
  const before = pickFields(schema, message, (field) => field.number < number);
  const after = pickFields(schema, message, (field) => field.number > number);
  return [toBinary(schema, before, { writeUnknownFields: false }), ...encoded, toBinary(schema, after)];
}

function pickFields<D extends DescMessage>(
  schema: D,
  message: MessageShape<D>,
  isPicked: (field: DescField) => boolean,
): MessageShape<D> {
  const picked = withFields(schema, message, {});
  const fields = reflect(schema, picked, false);
  for (const field of schema.fields) if (!isPicked(field)) fields.clear(field);
  return picked;
}

/** A field of bytes or of a message: its tag, its length, its content. */
function delimited({ number }: DescField, content: readonly Uint8Array[]): Uint8Array[] {
  const length = content.reduce((total, { byteLength }) => total + byteLength, 0);
  return [new BinaryWriter().tag(number, WireType.LengthDelimited).uint32(length).finish(), ...content];
}

/** Reads an ONNX file's bytes. @throws GraphError where they are not an ONNX model. */
export function decodeOnnxModel(bytes: Uint8Array, label: string): OnnxModel {
  const foreign = describeForeignContent(bytes.subarray(0, FOREIGN_CONTENT_BYTES));
  if (foreign !== undefined) throw new GraphError(`${label} ${foreign}`);
  try {
    const model = fromBinary(ModelProtoSchema, bytes);
    if (model.graph?.node.length) return model;
  } catch (cause) {
    throw new GraphError(`${label} is not an ONNX model: ${firstLine(cause)}`, { cause });
  }
  throw new GraphError(`${label} is not an ONNX model: it has no nodes`);
}
