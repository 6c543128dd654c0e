import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { collectDependencies } from '../dependencies.ts';
import { MICROSOFT_DOMAIN, MICROSOFT_OPS, OPTIONAL_OUTPUTS, type OpName } from '../ops/op-attributes.ts';
import type { OpNode, Value } from '../value.ts';
import { ENCODE_ATTRIBUTES } from './encode-attributes.ts';
import { GraphProtoSchema, ModelProtoSchema, NodeProtoSchema, type OperatorSetIdProtoSchema } from './onnx_pb.ts';
import { encodeOnnxModel } from './onnx-encoding.ts';
import type { OnnxGraph, OnnxModel, OnnxNode } from './onnx-schema.ts';
import { parameterTensor, valueInfo } from './onnx-tensors.ts';
import { UniqueNames, ValueNamer } from './value-namer.ts';

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
