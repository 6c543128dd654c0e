import { collectDependencies } from '../dependencies.ts';
import { applyOp } from '../ops/apply-op.ts';
import type { OpNode, Value } from '../value.ts';

export type Leaf = Exclude<Value, { kind: 'result' }>;

/** What becomes of a graph's leaves, and of its nodes' attributes. */
export interface GraphRewriter {
  rewriteLeaf(value: Leaf): Value;
  rewriteAttributes?(node: OpNode): OpNode['attributes'];
}

/** The same nodes over other leaves: types are inferred anew. Each leaf is rewritten once. */
export function rewriteGraph<Name extends string>(
  outputs: Readonly<Record<Name, Value>>,
  { rewriteLeaf, rewriteAttributes = (node) => node.attributes }: GraphRewriter,
): Record<Name, Value> {
  const leaves = new Map<Leaf, Value>();
  const results = new Map<OpNode, readonly Value[]>();
  const rewrite = (value: Value): Value => {
    if (value.kind === 'result') return results.get(value.node)![value.index]!;
    const replacement = leaves.get(value) ?? rewriteLeaf(value);
    leaves.set(value, replacement);
    return replacement;
  };
  for (const node of collectDependencies(Object.values<Value>(outputs)).nodes) {
    const inputs = node.inputs.map((value) => value && rewrite(value));
    results.set(node, applyOp(node.op, inputs, rewriteAttributes(node), node.name));
  }
  const entries = Object.entries<Value>(outputs).map(([name, value]) => [name, rewrite(value)]);
  return Object.fromEntries(entries) as Record<Name, Value>;
}
