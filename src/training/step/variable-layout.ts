import { elementCount } from '../../graph/shape.ts';
import type { Variable } from '../graphs/backward-graph.ts';
import { isEncoderKey } from '../graphs/encoder-outputs.ts';
import { type ParameterGroup, SIMD_LANES } from '../optimizer/optimizer.ts';

/** The groups of variables that have a learning rate of their own. */
export type GroupName = 'head' | 'backbones';

/** A variable, and where its elements are in the optimiser's arrays. */
export interface PlacedVariable extends Variable {
  readonly begin: number;
  readonly end: number;
}

export interface VariableLayout {
  readonly variables: readonly PlacedVariable[];
  readonly groups: readonly ParameterGroup[];
  /** Elements of each array */
  readonly length: number;
}

/** Places variables of one learning rate side by side, each at a multiple of SIMD_LANES. */
export function layoutVariables(variables: readonly Variable[]): VariableLayout {
  const placed: PlacedVariable[] = [];
  let length = 0;
  const byGroup = Map.groupBy(variables, ({ key }): GroupName => (isEncoderKey(key) ? 'backbones' : 'head'));
  const groups = [...byGroup].map(([name, groupVariables]): ParameterGroup => {
    const begin = length;
    for (const variable of groupVariables) {
      const size = elementCount(variable.shape);
      placed.push({ ...variable, begin: length, end: length + size });
      length += Math.ceil(size / SIMD_LANES) * SIMD_LANES;
    }
    return { name, begin, end: length };
  });
  return { variables: placed, groups, length };
}
