import { Add } from '../graph/ops/operators.ts';
import type { OpNode, Value } from '../graph/value.ts';
import { sumToShape } from './sum-to-shape.ts';

/** Sums the gradients that flow back to each value. Two result values of one output are the same value. */
export class GradientAccumulator {
  readonly #leaves = new Map<Value, Value>();
  readonly #results = new Map<OpNode, (Value | undefined)[]>();

  add(value: Value, gradient: Value): void {
    const reduced = sumToShape(gradient, value.type.shape);
    const previous = this.get(value);
    const sum = previous === undefined ? reduced : Add(previous, reduced);
    if (value.kind !== 'result') this.#leaves.set(value, sum);
    else {
      const sums = this.#results.get(value.node) ?? [];
      sums[value.index] = sum;
      this.#results.set(value.node, sums);
    }
  }

  get(value: Value): Value | undefined {
    return value.kind === 'result' ? this.#results.get(value.node)?.[value.index] : this.#leaves.get(value);
  }
}
