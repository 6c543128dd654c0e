import { Add } from '../graph/ops/index.ts';
import type { OpNode, Value } from '../graph/value.ts';
import { sumTo } from './sum-to.ts';

/** What has come back to each value so far. Two result values of one output are the same value. */
export class Ledger {
  readonly #leaves = new Map<Value, Value>();
  readonly #results = new Map<OpNode, (Value | undefined)[]>();

  add(value: Value, gradient: Value): void {
    const arrived = sumTo(gradient, value.type.shape);
    const before = this.of(value);
    const sum = before === undefined ? arrived : Add(before, arrived);
    if (value.kind !== 'result') this.#leaves.set(value, sum);
    else {
      const sums = this.#results.get(value.node) ?? [];
      sums[value.index] = sum;
      this.#results.set(value.node, sums);
    }
  }

  of(value: Value): Value | undefined {
    return value.kind === 'result' ? this.#results.get(value.node)?.[value.index] : this.#leaves.get(value);
  }
}
