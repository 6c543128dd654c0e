import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { collectDependencies } from '../dependencies.ts';
import { MICROSOFT_DOMAIN, MICROSOFT_OPS, OPTIONAL_OUTPUTS, type OpName } from '../ops/op-attributes.ts';
import type { ConstantValue, OpNode, Value } from '../value.ts';
import { GraphError } from '../value.ts';
import { ENCODE_ATTRIBUTES } from './encode-attributes.ts';
import { encodeOnnxModel } from './encode-model.ts';
import { GraphProtoSchema, ModelProtoSchema, NodeProtoSchema, type OperatorSetIdProtoSchema } from './onnx_pb.ts';
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from './onnx-schema.ts';
import { constantTensor, parameterTensor, valueInfo } from './onnx-tensors.ts';

/** The first opset with Gelu. IR version 9 belongs to it. */
const OPSET = 20n;
const IR_VERSION = 9n;

export interface GraphDefinition {
  readonly name: string;
  /** Outputs by their names in a session. Only what they depend on is emitted. */
  readonly outputs: Readonly<Record<string, Value>>;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Encodes a graph as an ONNX file. @throws GraphError where two inputs, weights or outputs have one name. */
export function emit(definition: GraphDefinition): Uint8Array {
  return encodeOnnxModel(toOnnxModel(definition));
}

export function toOnnxModel(definition: GraphDefinition): OnnxModel {
  const graph = toOnnxGraph(definition);
  return create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: 'panelvec',
    opsetImport: opsetImports(graph),
    metadataProps: Object.entries(definition.metadata ?? {}).map(([key, value]) => ({ key, value })),
    graph,
  });
}

/** @param prefix keeps the names that are made here apart from those of a model that the graph is joined to */
export function toOnnxGraph({ name, outputs }: GraphDefinition, prefix = ''): OnnxGraph {
  const { nodes, inputs, parameters } = collectDependencies(Object.values(outputs));
  const names = new UniqueNames(prefix);
  for (const value of [...inputs, ...parameters]) names.reserve(value.name);
  for (const output of Object.keys(outputs)) names.reserve(output);
  const namer = new ValueNamer(names, outputs);
  const isUsed = findUsedResults(nodes, Object.values(outputs));
  const encoded = nodes.map((node) => encodeNode(node, namer, isUsed));
  return create(GraphProtoSchema, {
    name,
    node: [...encoded, ...namer.aliases()],
    initializer: [...parameters.map(parameterTensor), ...namer.constants()],
    input: inputs.map((value) => valueInfo(value.name, value.type)),
    output: Object.entries(outputs).map(([output, value]) => valueInfo(output, value.type)),
  });
}

function opsetImports({ node }: OnnxGraph): MessageInitShape<typeof OperatorSetIdProtoSchema>[] {
  const standard = { domain: '', version: OPSET };
  return node.some(({ domain }) => domain === MICROSOFT_DOMAIN)
    ? [standard, { domain: MICROSOFT_DOMAIN, version: 1n }]
    : [standard];
}

type IsResultUsed = (node: OpNode, index: number) => boolean;

/** Finds the outputs that are read. ONNX gives an optional output that nobody reads an empty name; Split's are not optional. */
function findUsedResults(nodes: readonly OpNode[], outputs: readonly Value[]): IsResultUsed {
  const usedIndices = new Map<OpNode, Set<number>>();
  for (const value of [...nodes.flatMap<Value | undefined>((node) => node.inputs), ...outputs]) {
    if (value?.kind !== 'result') continue;
    const indices = usedIndices.get(value.node) ?? new Set();
    usedIndices.set(value.node, indices.add(value.index));
  }
  // The first output is never optional.
  return (node, index) => index === 0 || !OPTIONAL_OUTPUTS.has(node.op) || usedIndices.get(node)?.has(index) === true;
}

function encodeNode<K extends OpName>(node: OpNode<K>, namer: ValueNamer, isUsed: IsResultUsed): OnnxNode {
  return create(NodeProtoSchema, {
    opType: node.op,
    ...(MICROSOFT_OPS.has(node.op) && { domain: MICROSOFT_DOMAIN }),
    name: namer.nodeName(node),
    input: node.inputs.map((value) => (value === undefined ? '' : namer.valueName(value))),
    output: dropTrailingEmptyNames(
      node.outputTypes.map((_, index) => (isUsed(node, index) ? namer.resultName(node, index) : '')),
    ),
    attribute: ENCODE_ATTRIBUTES[node.op](node.attributes),
  });
}

/** Drops the empty names at the end: outputs that are left out there need none. */
function dropTrailingEmptyNames(names: readonly string[]): string[] {
  return names.slice(0, names.findLastIndex((name) => name !== '') + 1);
}

class UniqueNames {
  readonly #taken = new Set<string>();
  /** The last number behind each base name: a large graph has tens of thousands of one name. */
  readonly #counts = new Map<string, number>();
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  reserve(name: string): string {
    if (this.#taken.has(name)) throw new GraphError(`the name "${name}" is used twice in one graph`);
    this.#taken.add(name);
    return name;
  }

  makeUnique(baseName: string): string {
    let count = this.#counts.get(baseName) ?? 0;
    let name: string;
    do name = this.#prefix + (count === 0 ? baseName : `${baseName}_${count}`);
    while (this.#taken.has(name) && ++count > 0);
    this.#counts.set(baseName, count);
    return this.reserve(name);
  }
}

/** Names nodes, results and constants of one graph. Equal constants share one tensor. */
class ValueNamer {
  readonly #names: UniqueNames;
  readonly #nodeNames = new Map<OpNode, string>();
  readonly #resultNames = new Map<string, string>();
  readonly #constants = new Map<string, OnnxTensor>();
  readonly #aliases: OnnxNode[] = [];

  constructor(names: UniqueNames, outputs: Readonly<Record<string, Value>>) {
    this.#names = names;
    for (const [output, value] of Object.entries(outputs)) {
      const key = value.kind === 'result' ? this.#key(value.node, value.index) : undefined;
      // An output that is an input, a weight, or a second name of one result needs a node of its own.
      if (key === undefined || this.#resultNames.has(key)) {
        const alias = { opType: 'Identity', input: [this.valueName(value)], output: [output] };
        this.#aliases.push(create(NodeProtoSchema, alias));
      } else {
        this.#resultNames.set(key, output);
      }
    }
  }

  aliases(): readonly OnnxNode[] {
    return this.#aliases;
  }

  constants(): readonly OnnxTensor[] {
    return [...this.#constants.values()];
  }

  nodeName(node: OpNode): string {
    let name = this.#nodeNames.get(node);
    if (name === undefined) {
      name = this.#names.makeUnique(node.name ?? node.op);
      this.#nodeNames.set(node, name);
    }
    return name;
  }

  resultName(node: OpNode, index: number): string {
    return this.#resultNames.get(this.#key(node, index)) ?? this.#key(node, index);
  }

  valueName(value: Value): string {
    if (value.kind === 'input' || value.kind === 'parameter') return value.name;
    return value.kind === 'constant' ? this.#constantName(value) : this.resultName(value.node, value.index);
  }

  #constantName(value: ConstantValue): string {
    const key = `${value.type.dtype}[${value.type.shape}]${value.data}`;
    let tensor = this.#constants.get(key);
    if (tensor === undefined) {
      tensor = constantTensor(this.#names.makeUnique(`constant_${this.#constants.size}`), value);
      this.#constants.set(key, tensor);
    }
    return tensor.name;
  }

  #key(node: OpNode, index: number): string {
    return `${this.nodeName(node)}:${index}`;
  }
}
