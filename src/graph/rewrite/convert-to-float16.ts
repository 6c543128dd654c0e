import { float32ToFloat16 } from '../float16.ts';
import { Cast } from '../ops/operators.ts';
import { constant, type OpNode, parameter, type Value } from '../value.ts';
import { type Leaf, rewriteGraph } from './rewrite-graph.ts';

/**
 * Converts a graph to half precision: weights and constants are narrowed, and whatever would be float32 inside is float16.
 * Inputs and outputs keep their types, with casts in the graph, because float16 arrays cannot be fed everywhere.
 */
export function convertToFloat16(outputs: Readonly<Record<string, Value>>): Record<string, Value> {
  const converted = rewriteGraph(outputs, { rewriteLeaf: convertLeaf, rewriteAttributes: convertAttributes });
  return Object.fromEntries(
    Object.entries(converted).map(([name, result]) => {
      const dtype = outputs[name]?.type.dtype ?? result.type.dtype;
      return [name, result.type.dtype === dtype ? result : Cast(result, dtype)];
    }),
  );
}

function convertLeaf(value: Leaf): Value {
  if (value.type.dtype !== 'float32') return value;
  if (value.kind === 'input') return Cast(value, 'float16');
  if (value.kind === 'constant') return constant('float16', value.type.shape, value.data);
  const { buffer, byteOffset, byteLength } = value.bytes;
  const values = new Float32Array(buffer, byteOffset, byteLength / 4);
  return parameter(value.name, 'float16', value.type.shape, float32ToFloat16(values));
}

function convertAttributes(node: OpNode): OpNode['attributes'] {
  return node.op === 'Cast' && 'to' in node.attributes && node.attributes.to === 'float32'
    ? { to: 'float16' }
    : node.attributes;
}
