import { DTYPES } from '../dtype.ts';
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from '../emit/onnx-schema.ts';
import { GraphError } from '../value.ts';

/** A constant tensor of float32. */
export interface FloatTensor {
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

/** What an ONNX graph does not tell at once: who reads a tensor, and the values of constants. */
export class GraphView {
  readonly graph: OnnxGraph;
  readonly #constants: ReadonlyMap<string, OnnxTensor>;
  readonly #consumers = new Map<string, OnnxNode[]>();
  readonly #outputs: ReadonlySet<string>;

  constructor(graph: OnnxGraph) {
    this.graph = graph;
    this.#constants = new Map([
      ...graph.initializer.map((tensor) => [tensor.name, tensor] as const),
      ...graph.node.flatMap(constantOfNode),
    ]);
    for (const node of graph.node) {
      for (const name of node.input) this.#consumers.set(name, [...(this.#consumers.get(name) ?? []), node]);
    }
    this.#outputs = new Set(graph.output.map(({ name }) => name));
  }

  /** The values of a constant; undefined for what is computed, and for other types than float32. */
  floatConstant(name: string | undefined): FloatTensor | undefined {
    const tensor = name === undefined ? undefined : this.#constants.get(name);
    if (tensor?.dataType !== DTYPES.float32.onnx) return undefined;
    const { rawData, floatData } = tensor;
    // A view needs an aligned offset, which the bytes of a file may not have.
    const values =
      floatData.length > 0 ? Float32Array.from(floatData) : new Float32Array(new Uint8Array(rawData).buffer);
    return { dims: tensor.dims.map(Number), values };
  }

  /** The node that alone reads a tensor; undefined if there are others, or if the tensor is an output of the graph. */
  onlyConsumer(name: string | undefined): OnnxNode | undefined {
    if (name === undefined || this.#outputs.has(name)) return undefined;
    const [consumer, ...others] = this.#consumers.get(name) ?? [];
    return others.length === 0 ? consumer : undefined;
  }
}

function constantOfNode({ opType, attribute, output: [name] }: OnnxNode): (readonly [string, OnnxTensor])[] {
  const tensor = opType === 'Constant' ? findAttribute(attribute, 'value')?.t : undefined;
  return tensor === undefined || name === undefined ? [] : [[name, tensor]];
}

export function findAttribute(attributes: readonly OnnxAttribute[], name: string): OnnxAttribute | undefined {
  return attributes.find((attribute) => attribute.name === name);
}

/** @throws GraphError if the model has none */
export function graphOf({ graph }: OnnxModel): OnnxGraph {
  if (graph === undefined) throw new GraphError('the model has no graph');
  return graph;
}
