import { create } from '@bufbuild/protobuf';
import { GraphProtoSchema, ModelProtoSchema, ValueInfoProtoSchema } from '../emit/onnx_pb.ts';
import { type OnnxModel, withFields } from '../emit/onnx-schema.ts';
import { GraphError } from '../value.ts';
import { graphOf } from './graph-view.ts';

/**
 * Gives a model other outputs: any of its tensors, in place of those that it has. Nodes, weights and inputs that none of them needs
 * are left out.
 * @throws GraphError where there is no such tensor
 */
export function keepOutputs(model: OnnxModel, names: readonly string[]): OnnxModel {
  const graph = graphOf(model);
  const needed = new Set(names);
  const nodes = graph.node.toReversed().filter(({ output, input }) => {
    const isNeeded = output.some((name) => needed.has(name));
    if (isNeeded) for (const name of input) needed.add(name);
    return isNeeded;
  });
  const weights = new Set(graph.initializer.map(({ name }) => name));
  const known = new Set([...graph.input.map(({ name }) => name), ...nodes.flatMap(({ output }) => output)]);
  const missing = names.find((name) => !known.has(name));
  if (missing !== undefined) throw new GraphError(`${graph.name}: no tensor "${missing}"`);
  const kept = withFields(GraphProtoSchema, graph, {
    node: nodes.reverse(),
    initializer: graph.initializer.filter(({ name }) => needed.has(name)),
    // Old files list weights among the inputs: a rewritten graph has others.
    input: graph.input.filter(({ name }) => needed.has(name) && !weights.has(name)),
    output: names.map(
      (name) => graph.output.find((output) => output.name === name) ?? create(ValueInfoProtoSchema, { name }),
    ),
  });
  return withFields(ModelProtoSchema, model, { graph: kept });
}
