/** The messages of the ONNX schema (onnx.proto) that graphs are made of, under the names used here. */
import { create, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import type { AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto } from './onnx_pb.ts';

export type OnnxModel = ModelProto;
export type OnnxGraph = GraphProto;
export type OnnxNode = NodeProto;
export type OnnxAttribute = AttributeProto;
export type OnnxTensor = TensorProto;
export type OnnxValueInfo = ValueInfoProto;

/** A shallow copy of a message with other values in some of its fields. Weights are shared, not copied. */
export function withFields<D extends DescMessage>(
  schema: D,
  message: MessageShape<D>,
  fields: Partial<MessageShape<D>>,
): MessageShape<D> {
  return Object.assign(create(schema), message, fields);
}
