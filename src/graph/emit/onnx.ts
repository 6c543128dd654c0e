/** The protobuf of the ONNX schema (npm onnx-proto), under the names used here. */
import onnxProto from 'onnx-proto';

export const { ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto } = onnxProto.onnx;
export type Model = onnxProto.onnx.IModelProto;
export type Graph = onnxProto.onnx.IGraphProto;
export type Node = onnxProto.onnx.INodeProto;
export type Attribute = onnxProto.onnx.IAttributeProto;
export type Tensor = onnxProto.onnx.ITensorProto;
export type ValueInfo = onnxProto.onnx.IValueInfoProto;
