import { narrow } from '../float16.ts';
import { Cast } from '../ops/index.ts';
import { apply } from '../ops/node.ts';
import { constant, type OpNode, parameter, type Value } from '../value.ts';
import { dependencies } from '../walk.ts';

/**
 * The same graph computed in half precision: weights and constants are narrowed, and whatever would be float32 inside is
 * float16. Inputs and outputs keep their types, with casts in the graph: float16 arrays cannot be fed everywhere.
 */
export function toHalf(outputs: Readonly<Record<string, Value>>): Record<string, Value> {
  const replaced = new Map<Value | OpNode, Value | readonly Value[]>();
  const half = (value: Value): Value => {
    if (value.kind === 'result') return (replaced.get(value.node) as readonly Value[])[value.index]!;
    const known = replaced.get(value) as Value | undefined;
    if (known !== undefined) return known;
    const leaf = halfLeaf(value);
    replaced.set(value, leaf);
    return leaf;
  };
  for (const node of dependencies(Object.values(outputs)).nodes) {
    const inputs = node.inputs.map((value) => value && half(value));
    replaced.set(node, apply(node.op, inputs, halfAttributes(node), node.name));
  }
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => {
      const result = half(value);
      return [name, result.type.dtype === value.type.dtype ? result : Cast(result, value.type.dtype)];
    }),
  );
}

function halfLeaf(value: Exclude<Value, { kind: 'result' }>): Value {
  if (value.type.dtype !== 'float32') return value;
  if (value.kind === 'input') return Cast(value, 'float16');
  if (value.kind === 'constant') return constant('float16', value.type.shape as number[], value.data);
  const { buffer, byteOffset, byteLength } = value.bytes;
  const values = new Float32Array(buffer, byteOffset, byteLength / 4);
  return parameter(value.name, 'float16', value.type.shape as number[], narrow(values));
}

function halfAttributes(node: OpNode): OpNode['attributes'] {
  return node.op === 'Cast' && 'to' in node.attributes && node.attributes.to === 'float32'
    ? { to: 'float16' }
    : node.attributes;
}
