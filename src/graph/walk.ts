import type { InputValue, OpNode, ParameterValue, Value } from './value.ts';

/** What a set of values depends on. Nodes come after everything that they use. */
export interface Dependencies {
  readonly nodes: readonly OpNode[];
  readonly inputs: readonly InputValue[];
  readonly parameters: readonly ParameterValue[];
}

/** Visits each node once, without recursion: a training graph is deeper than the call stack. */
export function dependencies(outputs: Iterable<Value>): Dependencies {
  const nodes: OpNode[] = [];
  const inputs = new Set<InputValue>();
  const parameters = new Set<ParameterValue>();
  const done = new Set<OpNode>();
  const opened = new Set<OpNode>();
  const pending: Value[] = [...outputs].reverse();
  while (pending.length > 0) {
    const value = pending.at(-1)!;
    if (value.kind === 'input') inputs.add(value);
    if (value.kind === 'parameter') parameters.add(value);
    if (value.kind !== 'result' || done.has(value.node)) {
      pending.pop();
    } else if (opened.has(value.node)) {
      done.add(value.node);
      nodes.push(value.node);
      pending.pop();
    } else {
      opened.add(value.node);
      for (const used of value.node.inputs.toReversed()) if (used !== undefined) pending.push(used);
    }
  }
  return { nodes, inputs: [...inputs], parameters: [...parameters] };
}
