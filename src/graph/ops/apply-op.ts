import { GraphError } from '../graph-error.ts';
import { describeValue, type OpNode, type ResultValue, type TensorType, type Value } from '../value.ts';
import { INFERENCE_RULES } from './inference-rules.ts';
import { ShapeInferenceError } from './input-checks.ts';
import type { Attributes, OpName } from './op-attributes.ts';

/**
 * Applies an operator: checks the inputs, infers the outputs, and returns one value per output.
 * @throws GraphError naming the operator, the node (if named) and the types of all inputs.
 */
export function applyOp<K extends OpName>(
  op: K,
  inputs: readonly (Value | undefined)[],
  attributes: Attributes[K],
  name?: string,
): readonly ResultValue[] {
  const types = inferTypes(op, inputs, attributes, name);
  const frozen = { inputs: Object.freeze([...inputs]), attributes: frozenCopy(attributes) };
  const node = Object.freeze({ op, name, ...frozen, types }) as unknown as OpNode;
  return types.map((type, index) => Object.freeze({ kind: 'result', node, index, type }));
}

/** The same for an operator with one output. */
export function applySingleOutputOp<K extends OpName>(
  op: K,
  inputs: readonly (Value | undefined)[],
  attributes: Attributes[K],
  name?: string,
): ResultValue {
  return applyOp(op, inputs, attributes, name)[0]!;
}

function inferTypes<K extends OpName>(
  op: K,
  inputs: readonly (Value | undefined)[],
  attributes: Attributes[K],
  name: string | undefined,
): readonly TensorType[] {
  try {
    return Object.freeze([...INFERENCE_RULES[op](inputs, attributes)]);
  } catch (error) {
    if (!(error instanceof ShapeInferenceError)) throw error;
    const label = name === undefined ? op : `${op} "${name}"`;
    throw new GraphError(`${label}(${inputs.map(describeValue).join('; ')}): ${error.message}`);
  }
}

/** A caller that keeps its array must not be able to change the node by it. */
function frozenCopy(attributes: object): object {
  const entries = Object.entries(attributes).map(([key, value]) => [
    key,
    Array.isArray(value) ? Object.freeze([...value]) : value,
  ]);
  return Object.freeze(Object.fromEntries(entries));
}
