/** The protobuf of the ONNX schema (npm onnx-proto), under the names used here. */
import onnxProto from 'onnx-proto';

export const { ModelProto, AttributeProto, TensorProto } = onnxProto.onnx;
export type Model = onnxProto.onnx.IModelProto;
export type Node = onnxProto.onnx.INodeProto;
export type Attribute = onnxProto.onnx.IAttributeProto;
export type Tensor = onnxProto.onnx.ITensorProto;
export type ValueInfo = onnxProto.onnx.IValueInfoProto;
