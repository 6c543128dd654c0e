import { GraphError } from '../graph-error.ts';
import { type GraphDefinition, toOnnxModel } from './emit.ts';
import { ModelProto, type OnnxModel } from './onnx-schema.ts';

/** Reads an ONNX file's bytes. @throws GraphError where they are not an ONNX model. */
export function decodeModel(bytes: Uint8Array, label: string): OnnxModel {
  try {
    const model = ModelProto.decode(bytes);
    if (model.graph?.node?.length) return model;
  } catch (cause) {
    throw new GraphError(`${label} is not an ONNX model: ${(cause as Error).message}`);
  }
  throw new GraphError(`${label} is not an ONNX model: it has no nodes`);
}

/**
 * Puts a graph of ours in front of a foreign ONNX model, so that both run as one session. Each output of `front` feeds
 * the input of the same name; of the model's outputs only `keep` stays. The model's own opset must cover the front's
 * operators (Cast, Mul, Add, Transpose: opset 13 and later).
 */
export function prependGraph(front: GraphDefinition, model: OnnxModel, outputNames: readonly string[]): OnnxModel {
  const frontModel = toOnnxModel(front, 'front/');
  const graph = model.graph!;
  const fedInputs = new Set(Object.keys(front.outputs));
  const inputs = (graph.input ?? []).filter((value) => !isInitializer(model, value.name));
  for (const name of fedInputs) requireName(inputs, name, `${graph.name}: no input`);
  for (const name of outputNames) requireName(graph.output ?? [], name, `${graph.name}: no output`);
  return {
    ...model,
    graph: {
      ...graph,
      node: [...(frontModel.graph!.node ?? []), ...(graph.node ?? [])],
      initializer: [...(frontModel.graph!.initializer ?? []), ...(graph.initializer ?? [])],
      input: [...(frontModel.graph!.input ?? []), ...inputs.filter((value) => !fedInputs.has(value.name!))],
      output: (graph.output ?? []).filter((value) => outputNames.includes(value.name!)),
    },
  };
}

function isInitializer(model: OnnxModel, name: string | null | undefined): boolean {
  return (model.graph?.initializer ?? []).some((tensor) => tensor.name === name);
}

function requireName(values: readonly { name?: string | null }[], name: string, problem: string): void {
  if (values.some((value) => value.name === name)) return;
  const knownNames = values.map((value) => `"${value.name}"`).join(', ');
  throw new GraphError(`${problem} "${name}"; there is ${knownNames || 'none'}`);
}
