import { create } from '@bufbuild/protobuf';
import { type ConstantValue, GraphError, type OpNode, type Value } from '../value.ts';
import { NodeProtoSchema } from './onnx_pb.ts';
import type { OnnxNode, OnnxTensor } from './onnx-schema.ts';
import { constantTensor } from './onnx-tensors.ts';

export class UniqueNames {
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
export class ValueNamer {
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
