import type { InputValue, OpNode, ParameterValue, Value } from './value.ts';

/** Everything that a set of values depends on. Each node comes after all that it uses. */
export interface GraphDependencies {
  readonly nodes: readonly OpNode[];
  readonly inputs: readonly InputValue[];
  readonly parameters: readonly ParameterValue[];
}

/** Collects each node once, without recursion: a training graph is deeper than the call stack. */
export function collectDependencies(outputs: Iterable<Value>): GraphDependencies {
  const nodes: OpNode[] = [];
  const inputs = new Set<InputValue>();
  const parameters = new Set<ParameterValue>();
  const finished = new Set<OpNode>();
  const entered = new Set<OpNode>();
  const stack: Value[] = [...outputs].reverse();
  for (let value = stack.at(-1); value !== undefined; value = stack.at(-1)) {
    if (value.kind === 'input') inputs.add(value);
    if (value.kind === 'parameter') parameters.add(value);
    if (value.kind !== 'result' || finished.has(value.node)) {
      stack.pop();
    } else if (entered.has(value.node)) {
      finished.add(value.node);
      nodes.push(value.node);
      stack.pop();
    } else {
      entered.add(value.node);
      for (const operand of value.node.inputs.toReversed()) if (operand !== undefined) stack.push(operand);
    }
  }
  return { nodes, inputs: [...inputs], parameters: [...parameters] };
}
