import { apply } from '../ops/node.ts';
import type { OpNode, Value } from '../value.ts';
import { dependencies } from '../walk.ts';

export type Leaf = Exclude<Value, { kind: 'result' }>;

/** What becomes of a graph's leaves, and of its nodes' attributes. */
export interface Rewriting {
  leaf(value: Leaf): Value;
  attributes?(node: OpNode): OpNode['attributes'];
}

/** The same nodes over other leaves: types are inferred anew. Each leaf is rewritten once. */
export function rebuild<Names extends string>(
  outputs: Readonly<Record<Names, Value>>,
  { leaf, attributes = (node) => node.attributes }: Rewriting,
): Record<Names, Value> {
  const leaves = new Map<Leaf, Value>();
  const results = new Map<OpNode, readonly Value[]>();
  const rewritten = (value: Value): Value => {
    if (value.kind === 'result') return results.get(value.node)![value.index]!;
    const made = leaves.get(value) ?? leaf(value);
    leaves.set(value, made);
    return made;
  };
  for (const node of dependencies(Object.values<Value>(outputs)).nodes) {
    const inputs = node.inputs.map((value) => value && rewritten(value));
    results.set(node, apply(node.op, inputs, attributes(node), node.name));
  }
  const entries = Object.entries<Value>(outputs).map(([name, value]) => [name, rewritten(value)]);
  return Object.fromEntries(entries) as Record<Names, Value>;
}
