import { GraphError } from '../value.ts';
import { type GraphDefinition, toOnnxGraph } from './emit.ts';
import { GraphProtoSchema, ModelProtoSchema } from './onnx_pb.ts';
import { type OnnxModel, withFields } from './onnx-schema.ts';

/**
 * Puts a graph of ours in front of a foreign ONNX model, so that both run as one session. Each output of `front` feeds
 * the input of the same name; of the model's outputs only `outputNames` stay. The model's own opset must cover the front's
 * operators (Cast, Mul, Add, Transpose: opset 13 and later).
 * @throws GraphError where the model lacks one of these inputs or outputs
 */
export function prependGraph(front: GraphDefinition, model: OnnxModel, outputNames: readonly string[]): OnnxModel {
  const { graph } = model;
  if (graph === undefined) throw new GraphError('the model has no graph');
  const frontGraph = toOnnxGraph(front, 'front/');
  const fedInputs = new Set(Object.keys(front.outputs));
  const weights = new Set(graph.initializer.map(({ name }) => name));
  const inputs = graph.input.filter(({ name }) => !weights.has(name));
  for (const name of fedInputs) assertNamed(inputs, name, `${graph.name}: no input`);
  for (const name of outputNames) assertNamed(graph.output, name, `${graph.name}: no output`);
  const joined = withFields(GraphProtoSchema, graph, {
    node: [...frontGraph.node, ...graph.node],
    initializer: [...frontGraph.initializer, ...graph.initializer],
    input: [...frontGraph.input, ...inputs.filter(({ name }) => !fedInputs.has(name))],
    output: graph.output.filter(({ name }) => outputNames.includes(name)),
  });
  return withFields(ModelProtoSchema, model, { graph: joined });
}

function assertNamed(values: readonly { name: string }[], name: string, problem: string): void {
  if (values.some((value) => value.name === name)) return;
  const knownNames = values.map((value) => `"${value.name}"`).join(', ');
  throw new GraphError(`${problem} "${name}"; there is ${knownNames || 'none'}`);
}
