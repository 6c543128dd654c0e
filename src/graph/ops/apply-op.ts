import {
  describeValue,
  GraphError,
  type NodeInputs,
  type NodeOutputs,
  nodeOutputs,
  type OpNode,
  type OutputTypes,
  type ResultValue,
  type Value,
} from '../value.ts';
import { ShapeInferenceError } from './input-checks.ts';
import { type Attributes, OPTIONAL_INPUTS, type OpName } from './op-attributes.ts';
import { SHAPE_RULES } from './shape-rules.ts';

/**
 * Applies an operator: checks the inputs, infers the outputs, and returns one value per output.
 * @throws GraphError naming the operator, the node (if named) and the types of all inputs.
 */
export function applyOp<K extends OpName>(
  op: K,
  inputs: NodeInputs<K>,
  attributes: Attributes[K],
  name?: string,
): NodeOutputs<K> {
  const outputTypes = inferOutputTypes(op, inputs, attributes, name);
  return nodeOutputs<K>(
    Object.freeze<OpNode<K>>({
      op,
      name,
      inputs: frozenCopy(inputs),
      attributes: frozenAttributes(attributes),
      outputTypes: frozenCopy(outputTypes),
    }),
  );
}

/** Applies an operator and returns its first output alone. */
export function applySingleOutputOp<K extends Exclude<OpName, 'Split'>>(
  op: K,
  inputs: NodeInputs<K>,
  attributes: Attributes[K],
  name?: string,
): ResultValue {
  return applyOp(op, inputs, attributes, name)[0];
}

function inferOutputTypes<K extends OpName>(
  op: K,
  inputs: NodeInputs<K>,
  attributes: Attributes[K],
  name: string | undefined,
): OutputTypes<K> {
  try {
    if (!OPTIONAL_INPUTS.has(op)) assertNoneMissing(inputs);
    return SHAPE_RULES[op](inputs, attributes);
  } catch (error) {
    if (!(error instanceof ShapeInferenceError)) throw error;
    const label = name === undefined ? op : `${op} "${name}"`;
    throw new GraphError(`${label}(${inputs.map(describeValue).join('; ')}): ${error.message}`);
  }
}

function assertNoneMissing(inputs: readonly (Value | undefined)[]): void {
  const index = inputs.indexOf(undefined);
  if (index >= 0) throw new ShapeInferenceError(`input ${index} is missing`);
}

/** A frozen copy: a caller that keeps its array must not be able to change the node through it. */
function frozenCopy<T extends readonly unknown[]>(values: T): T {
  return Object.freeze([...values]) as readonly unknown[] as T;
}

function frozenAttributes<T extends object>(attributes: T): T {
  const entries = Object.entries(attributes).map(([key, value]) => [
    key,
    Array.isArray(value) ? frozenCopy(value) : value,
  ]);
  return Object.freeze(Object.fromEntries(entries));
}
