import type { OnnxNode } from '../emit/onnx-schema.ts';
import type { GraphView } from './graph-view.ts';

/** Values that an activation lets through. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

const UNBOUNDED: Bounds = { min: -Infinity, max: Infinity };

/** A node that runs in integers, together with the activation behind it. */
export interface QuantisableLayer {
  readonly node: OnnxNode;
  /** Its Relu or Clip: the range of the quantised output does the same */
  readonly activation: OnnxNode | undefined;
  readonly bounds: Bounds;
  /** Name of the tensor behind the activation */
  readonly output: string;
}

/**
 * Finds the nodes that can run in integers, in the order of the graph: convolutions with constant weights, and what joins and pools
 * their outputs. Everything else stays in floats.
 * @param excluded first outputs of nodes that stay in floats too
 */
export function findQuantisableLayers(view: GraphView, excluded: ReadonlySet<string>): QuantisableLayer[] {
  const layers: QuantisableLayer[] = [];
  const quantised = new Set<string>();
  for (const node of view.graph.node) {
    if (excluded.has(node.output[0] ?? '') || !isQuantisable(node, view, quantised)) continue;
    const layer = withActivation(node, view);
    layers.push(layer);
    quantised.add(layer.output);
  }
  return layers;
}

function isQuantisable(node: OnnxNode, view: GraphView, quantised: ReadonlySet<string>): boolean {
  const [first = '', second = '', bias] = node.input;
  switch (node.opType) {
    case 'Conv':
      return (
        view.floatConstant(second)?.dims.length === 4 && (bias === undefined || view.floatConstant(bias) !== undefined)
      );
    case 'Add':
      return quantised.has(first) && quantised.has(second);
    case 'MaxPool':
      return quantised.has(first) && node.output.length === 1;
    default:
      return false;
  }
}

function withActivation(node: OnnxNode, view: GraphView): QuantisableLayer {
  const [output = ''] = node.output;
  const alone = { node, activation: undefined, bounds: UNBOUNDED, output };
  if (node.opType === 'MaxPool') return alone;
  const activation = view.onlyConsumer(output);
  const bounds = activation === undefined ? undefined : activationBounds(activation, output, view);
  return bounds === undefined ? alone : { node, activation, bounds, output: activation?.output[0] ?? output };
}

function activationBounds({ opType, input }: OnnxNode, x: string, view: GraphView): Bounds | undefined {
  if (input[0] !== x) return undefined;
  if (opType === 'Relu') return { ...UNBOUNDED, min: 0 };
  if (opType !== 'Clip') return undefined;
  const limit = (name: string | undefined, absent: number) => (name ? view.floatConstant(name)?.values[0] : absent);
  const [min, max] = [limit(input[1], -Infinity), limit(input[2], Infinity)];
  // Zero must stay zero, because convolutions pad with it.
  return min !== undefined && max !== undefined && min <= 0 && max >= 0 ? { min, max } : undefined;
}
