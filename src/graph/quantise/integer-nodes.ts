import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { elementAt } from '../../util/arrays.ts';
import type { DType } from '../dtype.ts';
import { NodeProtoSchema } from '../emit/onnx_pb.ts';
import type { OnnxNode, OnnxTensor } from '../emit/onnx-schema.ts';
import { encodeTensor } from '../emit/onnx-tensors.ts';
import { MICROSOFT_DOMAIN } from '../ops/op-attributes.ts';
import { GraphError, tensorType } from '../value.ts';
import { findAttribute, type GraphView } from './graph-view.ts';
import type { QuantisableLayer } from './quantisable-layers.ts';
import { type Activation, type Quantisation, toQuantisation } from './quantisation.ts';
import { quantiseConvolution } from './quantise-weights.ts';

/** A tensor in bytes: its name, and the names of its scale and its zero point, in the order that operators take them. */
interface IntegerTensor extends Quantisation {
  readonly operands: readonly [string, string, string];
}

/** The nodes of a graph whose layers run in integers, in order. Tensors go from floats to bytes and back where nodes need it. */
export class IntegerNodes {
  readonly nodes: OnnxNode[] = [];
  readonly tensors: OnnxTensor[] = [];
  readonly #getActivation: (name: string) => Activation;
  /** Tensors that exist in bytes, by the names that they have in floats */
  readonly #integers = new Map<string, IntegerTensor>();
  /** Those of them that do not exist in floats */
  readonly #withoutFloats = new Set<string>();

  constructor(getActivation: (name: string) => Activation) {
    this.#getActivation = getActivation;
  }

  /** Adds a node that stays in floats. */
  keep(node: OnnxNode): void {
    for (const name of node.input) this.dequantise(name);
    this.nodes.push(node);
  }

  convolve(layer: QuantisableLayer, view: GraphView): void {
    const { node, output } = layer;
    const [x = '', weightName, biasName] = node.input;
    const weight = view.floatConstant(weightName);
    if (weight === undefined) throw new GraphError(`the convolution "${node.name}" has no constant weights`);
    const [channels = 0] = weight.dims;
    const input = this.#quantise(x);
    const { weights, scales, biases } = quantiseConvolution({
      weights: weight.values,
      biases: view.floatConstant(biasName)?.values ?? new Float32Array(channels),
      inputScale: input.scale,
      inputMeans: this.#getActivation(x).channelMeans,
      groups: Number(findAttribute(node.attribute, 'group')?.i ?? 1n),
    });
    const weightOperands = [
      this.#tensor(`${output}/weights`, 'int8', weight.dims, weights),
      this.#tensor(`${output}/weight_scales`, 'float32', [channels], scales),
      this.#tensor(`${output}/weight_zeros`, 'int8', [channels], new Int8Array(channels)),
    ];
    const bias = this.#tensor(`${output}/bias`, 'int32', [channels], biases);
    const result = this.#define(layer);
    const [name, ...parameters] = result.operands;
    this.#push(node, {
      opType: 'QLinearConv',
      input: [...input.operands, ...weightOperands, ...parameters, bias],
      output: [name],
    });
  }

  add(layer: QuantisableLayer): void {
    const operands = layer.node.input.flatMap((name) => this.#quantise(name).operands);
    const [name, ...parameters] = this.#define(layer).operands;
    this.#push(layer.node, {
      opType: 'QLinearAdd',
      domain: MICROSOFT_DOMAIN,
      input: [...operands, ...parameters],
      output: [name],
    });
  }

  /** Adds a pool of maxima, whose output has the scale of its input. */
  pool({ node, output }: QuantisableLayer): void {
    const input = this.#quantise(elementAt(node.input, 0));
    const [x, scale, zeroPoint] = input.operands;
    const name = `${output}/bytes`;
    this.#push(node, { opType: node.opType, input: [x], output: [name] });
    this.#integers.set(output, { ...input, operands: [name, scale, zeroPoint] });
    this.#withoutFloats.add(output);
  }

  /** Makes sure that a tensor exists in floats. */
  dequantise(name: string): void {
    const tensor = this.#integers.get(name);
    if (tensor === undefined || !this.#withoutFloats.delete(name)) return;
    this.nodes.push(
      create(NodeProtoSchema, {
        opType: 'DequantizeLinear',
        name: `${name}/dequantise`,
        input: [...tensor.operands],
        output: [name],
      }),
    );
  }

  /** Makes sure that a tensor exists in bytes. */
  #quantise(name: string): IntegerTensor {
    const known = this.#integers.get(name);
    if (known !== undefined) return known;
    const tensor = this.#describe(name, toQuantisation(this.#getActivation(name)));
    const [output, ...parameters] = tensor.operands;
    this.nodes.push(
      create(NodeProtoSchema, {
        opType: 'QuantizeLinear',
        name: `${name}/quantise`,
        input: [name, ...parameters],
        output: [output],
      }),
    );
    return tensor;
  }

  /** The output of a layer in bytes, whose range does what its activation did. */
  #define({ output, bounds }: QuantisableLayer): IntegerTensor {
    this.#withoutFloats.add(output);
    return this.#describe(output, toQuantisation(this.#getActivation(output), bounds));
  }

  #describe(name: string, quantisation: Quantisation): IntegerTensor {
    const scale = this.#tensor(`${name}/scale`, 'float32', [], Float32Array.of(quantisation.scale));
    const zeroPoint = this.#tensor(`${name}/zero`, 'uint8', [], Uint8Array.of(quantisation.zeroPoint));
    const tensor: IntegerTensor = { ...quantisation, operands: [`${name}/bytes`, scale, zeroPoint] };
    this.#integers.set(name, tensor);
    return tensor;
  }

  #push({ name, attribute }: OnnxNode, fields: MessageInitShape<typeof NodeProtoSchema>): void {
    this.nodes.push(create(NodeProtoSchema, { name, attribute, ...fields }));
  }

  #tensor(name: string, dtype: DType, dims: readonly number[], { buffer, byteOffset, byteLength }: ArrayBufferView) {
    this.tensors.push(encodeTensor(name, tensorType(dtype, dims), new Uint8Array(buffer, byteOffset, byteLength)));
    return name;
  }
}
