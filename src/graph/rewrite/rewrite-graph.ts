import { elementAt } from '../../util/arrays.ts';
import { collectDependencies } from '../dependencies.ts';
import { applyOp } from '../ops/apply-op.ts';
import type { NodeInputs, OpNode, Value } from '../value.ts';

export type Leaf = Exclude<Value, { kind: 'result' }>;

export interface GraphRewriter {
  rewriteLeaf(value: Leaf): Value;
  rewriteAttributes?(node: OpNode): OpNode['attributes'];
}

/** Applies the same operators to other leaves. Types are inferred again, and each leaf is rewritten once. */
export function rewriteGraph<Name extends string>(
  outputs: Readonly<Record<Name, Value>>,
  { rewriteLeaf, rewriteAttributes = (node) => node.attributes }: GraphRewriter,
): Record<Name, Value> {
  const leaves = new Map<Leaf, Value>();
  const results = new Map<OpNode, readonly Value[]>();
  const rewrite = (value: Value): Value => {
    if (value.kind === 'result') return elementAt(results.get(value.node) ?? [], value.index);
    const replacement = leaves.get(value) ?? rewriteLeaf(value);
    leaves.set(value, replacement);
    return replacement;
  };
  for (const node of collectDependencies(Object.values<Value>(outputs)).nodes) {
    const inputs = node.inputs.map((value) => value && rewrite(value));
    // `map` keeps the number of inputs; a constant that became another kind of leaf is refused by `applyOp`.
    results.set(
      node,
      applyOp(node.op, inputs as readonly unknown[] as NodeInputs<typeof node.op>, rewriteAttributes(node), node.name),
    );
  }
  const entries = Object.entries<Value>(outputs).map(([name, value]) => [name, rewrite(value)]);
  return Object.fromEntries(entries) as Record<Name, Value>;
}
