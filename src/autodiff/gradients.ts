import { collectDependencies } from '../graph/dependencies.ts';
import { isFloating } from '../graph/dtype.ts';
import type { OpName } from '../graph/ops/op-attributes.ts';
import { constant, describeValue, GraphError, nodeOutputs, type OpNode, type Value } from '../graph/value.ts';
import { GradientAccumulator } from './gradient-accumulator.ts';
import { GRADIENT_RULES } from './rules/gradient-rules.ts';

/**
 * Differentiates a scalar in reverse mode: returns values that compute its gradient with respect to each of `variables`, in
 * the shape of the variable. They are made of the same operators and run in one graph with the loss. A gradient is undefined
 * where the loss does not depend on the variable.
 * @throws GraphError where the loss is no floating scalar, or an operator between the two has no gradient
 */
export function gradients(loss: Value, variables: readonly Value[]): (Value | undefined)[] {
  if (loss.type.shape.length > 0 || !isFloating(loss.type.dtype)) {
    throw new GraphError(`a loss is a floating scalar, not ${describeValue(loss)}`);
  }
  const accumulator = new GradientAccumulator();
  accumulator.add(loss, constant(loss.type.dtype, [], [1]));
  for (const node of nodesBetween(loss, variables).toReversed()) backpropagate(node, accumulator);
  return variables.map((variable) => accumulator.get(variable));
}

/** The nodes on the paths from the variables to the loss, each after all that it uses. No path leads through integers. */
function nodesBetween(loss: Value, variables: readonly Value[]): OpNode[] {
  const leaves = new Set(variables.filter(({ kind }) => kind !== 'result'));
  const variableOutputs = new Map<OpNode, Set<number>>();
  for (const value of variables) {
    if (value.kind === 'result')
      variableOutputs.set(value.node, (variableOutputs.get(value.node) ?? new Set()).add(value.index));
  }
  const dependentNodes = new Set<OpNode>();
  const dependsOnVariable = (value: Value | undefined) => {
    if (value === undefined || !isFloating(value.type.dtype)) return false;
    if (value.kind !== 'result') return leaves.has(value);
    return dependentNodes.has(value.node) || variableOutputs.get(value.node)?.has(value.index) === true;
  };
  const { nodes } = collectDependencies([loss]);
  for (const node of nodes) if (node.inputs.some(dependsOnVariable)) dependentNodes.add(node);
  return nodes.filter((node) => dependentNodes.has(node));
}

/** Adds the gradients of a node's inputs, made from those of its outputs. */
function backpropagate<K extends OpName>(node: OpNode<K>, accumulator: GradientAccumulator): void {
  const outputs = nodeOutputs(node);
  const outputGradients = outputs.map((output) => accumulator.get(output));
  const gradient = outputGradients.find((value) => value !== undefined);
  if (gradient === undefined) return;
  const { inputs, attributes } = node;
  const application = { node, attributes, inputs, outputs, gradients: outputGradients, gradient };
  const inputGradients = GRADIENT_RULES[node.op](application);
  for (const [index, input] of inputs.entries()) {
    const inputGradient = inputGradients[index];
    if (inputGradient !== undefined && input !== undefined) accumulator.add(input, inputGradient);
  }
}
