import { isFloating } from '../graph/dtype.ts';
import { GraphError } from '../graph/graph-error.ts';
import { constant, describe, type OpNode, type ResultValue, type Value } from '../graph/value.ts';
import { dependencies } from '../graph/walk.ts';
import { Ledger } from './ledger.ts';
import { RULES } from './rules/index.ts';
import type { Application, Rule } from './rules/rule.ts';

/**
 * Reverse mode: values that compute the gradient of a scalar with respect to each of `variables`, of the same shapes.
 * They are made of the same operators, beside the nodes of the loss, and run in one graph with it. Undefined for a
 * variable on which the loss does not depend.
 * @throws GraphError where the loss is no floating scalar, or an operator between the two has no gradient
 */
export function gradients(loss: Value, variables: readonly Value[]): (Value | undefined)[] {
  if (loss.type.shape.length > 0 || !isFloating(loss.type.dtype)) {
    throw new GraphError(`a loss is a floating scalar, not ${describe(loss)}`);
  }
  const ledger = new Ledger();
  ledger.add(loss, constant(loss.type.dtype, [], [1]));
  for (const node of between(loss, variables).toReversed()) spread(node, ledger);
  return variables.map((variable) => ledger.of(variable));
}

/** The nodes on the ways from the variables to the loss, each after all that it uses. No way leads through integers. */
function between(loss: Value, variables: readonly Value[]): OpNode[] {
  const leaves = new Set(variables.filter(({ kind }) => kind !== 'result'));
  const made = new Map<OpNode, Set<number>>();
  for (const value of variables) {
    if (value.kind === 'result') made.set(value.node, (made.get(value.node) ?? new Set()).add(value.index));
  }
  const onWay = new Set<OpNode>();
  const leads = (value: Value | undefined) => {
    if (value === undefined || !isFloating(value.type.dtype)) return false;
    if (value.kind !== 'result') return leaves.has(value);
    return onWay.has(value.node) || made.get(value.node)?.has(value.index) === true;
  };
  const { nodes } = dependencies([loss]);
  for (const node of nodes) if (node.inputs.some(leads)) onWay.add(node);
  return nodes.filter((node) => onWay.has(node));
}

/** From a node's outputs to its inputs. */
function spread(node: OpNode, ledger: Ledger): void {
  const outputs = node.types.map((type, index): ResultValue => ({ kind: 'result', node, index, type }));
  const arrived = outputs.map((output) => ledger.of(output));
  const gradient = arrived.find((value) => value !== undefined);
  if (gradient === undefined) return;
  const application: Application<typeof node.op> = {
    node,
    attributes: node.attributes,
    inputs: node.inputs.filter((value) => value !== undefined),
    outputs,
    gradients: arrived,
    gradient,
  };
  const rule = RULES[node.op] as Rule<typeof node.op>;
  for (const [at, share] of rule(application).entries()) {
    const input = application.inputs[at];
    if (share !== undefined && input !== undefined) ledger.add(input, share);
  }
}
