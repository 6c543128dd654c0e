import { elementAt } from '../../util/arrays.ts';
import { GraphProtoSchema, ModelProtoSchema, NodeProtoSchema } from '../emit/onnx_pb.ts';
import { type OnnxModel, type OnnxNode, type OnnxTensor, withFields } from '../emit/onnx-schema.ts';
import { encodeTensor } from '../emit/onnx-tensors.ts';
import { tensorType } from '../value.ts';
import { type FloatTensor, findAttribute, GraphView, graphOf } from './graph-view.ts';

const DEFAULT_EPSILON = 1e-5;

/**
 * Folds each BatchNormalization that follows a convolution into its weights and bias. ONNX Runtime does so when it loads a graph in
 * fp32; integers have to be made of the folded weights.
 */
export function foldBatchNorms(model: OnnxModel): OnnxModel {
  const graph = graphOf(model);
  const view = new GraphView(graph);
  const folded = new Map<OnnxNode, FoldedConvolution>();
  const removed = new Set<OnnxNode>();
  for (const node of graph.node) {
    const norm = node.opType === 'Conv' ? view.onlyConsumer(node.output[0]) : undefined;
    if (norm?.opType !== 'BatchNormalization' || norm.input[0] !== node.output[0]) continue;
    const convolution = fold(view, node, norm);
    if (convolution === undefined) continue;
    folded.set(node, convolution);
    removed.add(norm);
  }
  const foldedGraph = withFields(GraphProtoSchema, graph, {
    node: graph.node.filter((node) => !removed.has(node)).map((node) => folded.get(node)?.node ?? node),
    initializer: [...graph.initializer, ...[...folded.values()].flatMap(({ tensors }) => tensors)],
  });
  return withFields(ModelProtoSchema, model, { graph: foldedGraph });
}

interface FoldedConvolution {
  readonly node: OnnxNode;
  readonly tensors: readonly OnnxTensor[];
}

function fold(view: GraphView, node: OnnxNode, norm: OnnxNode): FoldedConvolution | undefined {
  const [x = '', weightName = '', biasName] = node.input;
  const weight = view.floatConstant(weightName);
  const bias = biasName === undefined ? undefined : view.floatConstant(biasName);
  const [scale, shift, mean, variance] = norm.input.slice(1).map((name) => view.floatConstant(name)?.values);
  if (!weight || !scale || !shift || !mean || !variance || (biasName !== undefined && !bias)) return undefined;
  const epsilon = findAttribute(norm.attribute, 'epsilon')?.f ?? DEFAULT_EPSILON;
  const factors = variance.map((value, i) => elementAt(scale, i) / Math.sqrt(value + epsilon));
  const perChannel = weight.values.length / factors.length;
  const values = weight.values.map((value, i) => value * elementAt(factors, Math.floor(i / perChannel)));
  const biases = factors.map(
    (factor, i) => ((bias?.values[i] ?? 0) - elementAt(mean, i)) * factor + elementAt(shift, i),
  );
  const names = [`${weightName}/folded`, `${weightName}/folded_bias`] as const;
  return {
    node: withFields(NodeProtoSchema, node, { input: [x, ...names], output: norm.output.slice(0, 1) }),
    tensors: [
      floatTensor(names[0], { dims: weight.dims, values }),
      floatTensor(names[1], { dims: [biases.length], values: biases }),
    ],
  };
}

function floatTensor(name: string, { dims, values }: FloatTensor): OnnxTensor {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return encodeTensor(name, tensorType('float32', dims), bytes);
}
