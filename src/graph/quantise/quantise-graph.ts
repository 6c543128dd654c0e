import { create } from '@bufbuild/protobuf';
import { GraphProtoSchema, ModelProtoSchema, OperatorSetIdProtoSchema } from '../emit/onnx_pb.ts';
import { type OnnxModel, type OnnxNode, withFields } from '../emit/onnx-schema.ts';
import { MICROSOFT_DOMAIN } from '../ops/op-attributes.ts';
import { GraphError } from '../value.ts';
import { GraphView, graphOf } from './graph-view.ts';
import { IntegerNodes } from './integer-nodes.ts';
import { findQuantisableLayers, type QuantisableLayer } from './quantisable-layers.ts';
import type { Activation } from './quantisation.ts';

/** Whether `quantiseGraph` finds anything to do. A graph with branches or loops stays as it is: they read tensors unseen. */
export function usesIntegers(model: OnnxModel): boolean {
  const hasSubgraphs = graphOf(model).node.some(({ attribute }) => attribute.some(({ g }) => g !== undefined));
  return !hasSubgraphs && observedTensors(model).length > 0;
}

/** Names of the outputs of convolutions, in their order: names of nodes may be absent. */
export function convolutionNames(model: OnnxModel): string[] {
  return graphOf(model).node.flatMap(({ opType, output }) => (opType === 'Conv' ? output.slice(0, 1) : []));
}

/** Names of the activations of which `quantiseGraph` needs to know the range, for a graph whose norms are folded. */
export function observedTensors(model: OnnxModel): string[] {
  const layers = findQuantisableLayers(new GraphView(graphOf(model)), new Set());
  return [...new Set(layers.flatMap(({ node, output }) => [...node.input.slice(0, 1), output]))];
}

/**
 * Rewrites convolutions, and what joins and pools their outputs, to operators on 8-bit integers with ranges that are known before:
 * so a row of the result depends on no other row. Everything else stays in float32. The norms of the graph must be folded.
 *
 * It writes the integer operators themselves. The alternative, pairs of Quantize and Dequantize around float operators, leaves it to
 * ONNX Runtime to find them, and what it does not find becomes slower than float32.
 * @param excluded first outputs of nodes that stay in floats
 * @throws GraphError where a range is missing
 */
export function quantiseGraph(
  model: OnnxModel,
  activations: ReadonlyMap<string, Activation>,
  excluded: ReadonlySet<string> = new Set(),
): OnnxModel {
  const graph = graphOf(model);
  const view = new GraphView(graph);
  const layers = findQuantisableLayers(view, excluded);
  const { node, tensors } = rewriteNodes(view, layers, activations);
  const used = new Set([...node.flatMap(({ input }) => input), ...graph.output.map(({ name }) => name)]);
  const initializer = [...graph.initializer, ...tensors].filter(({ name }) => used.has(name));
  const quantised = withFields(GraphProtoSchema, graph, { node, initializer, valueInfo: [] });
  const microsoft = create(OperatorSetIdProtoSchema, { domain: MICROSOFT_DOMAIN, version: 1n });
  const otherOpsets = model.opsetImport.filter(({ domain }) => domain !== MICROSOFT_DOMAIN);
  return withFields(ModelProtoSchema, model, { graph: quantised, opsetImport: [...otherOpsets, microsoft] });
}

function rewriteNodes(
  view: GraphView,
  layers: readonly QuantisableLayer[],
  activations: ReadonlyMap<string, Activation>,
) {
  const layerOf = new Map(layers.map((layer) => [layer.node, layer]));
  const fused = new Set(layers.flatMap(({ activation }) => activation ?? []));
  const integers = new IntegerNodes((name) => {
    const activation = activations.get(name);
    if (activation === undefined) throw new GraphError(`the range of the tensor "${name}" is not known`);
    return activation;
  });
  const writeNode = (node: OnnxNode) => {
    const layer = layerOf.get(node);
    if (layer === undefined) integers.keep(node);
    else if (node.opType === 'Conv') integers.convolve(layer, view);
    else if (node.opType === 'Add') integers.add(layer);
    else integers.pool(layer);
  };
  for (const node of view.graph.node) if (!fused.has(node)) writeNode(node);
  for (const { name } of view.graph.output) integers.dequantise(name);
  return { node: integers.nodes, tensors: integers.tensors };
}
