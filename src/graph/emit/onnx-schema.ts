/** The protobuf of the ONNX schema (npm onnx-proto), under the names used here. */
import onnxProto from 'onnx-proto';

export const { ModelProto, AttributeProto, TensorProto } = onnxProto.onnx;
export type OnnxModel = onnxProto.onnx.IModelProto;
export type OnnxNode = onnxProto.onnx.INodeProto;
export type OnnxAttribute = onnxProto.onnx.IAttributeProto;
export type OnnxTensor = onnxProto.onnx.ITensorProto;
export type OnnxValueInfo = onnxProto.onnx.IValueInfoProto;
