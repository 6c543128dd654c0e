import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { AdamW, AdamWState, AdamWStep } from './adamw.ts';
import { PIECE } from './square-sum.ts';
import { CONTROL, doShare, ORDER_NUMBERS, ORDERS, type Shared, writeUpdate } from './work.ts';

/** Elements that share a learning rate: they lie together. */
export interface RateGroup {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
}

export interface OptimizerOptions extends AdamW {
  /** Gradients that are longer, all together, are shortened to this; infinity leaves them */
  readonly maxGradNorm: number;
  /** Of this process, which works, too */
  readonly threads: number;
}

/** Of PyTorch's clip_grad_norm_: what is added to the norm that it divides by. */
const CLIP_EPSILON = 1e-6;

/**
 * AdamW over memory that several threads share. The result does not depend on their number: elements are updated each by
 * itself, and the norm is added up from pieces in a fixed order.
 */
export class Optimizer {
  readonly state: AdamWState;
  /** Steps taken */
  count = 0;
  readonly #options: OptimizerOptions;
  readonly #groups: readonly RateGroup[];
  readonly #shared: Shared;
  readonly #helpers: readonly Worker[];

  constructor(length: number, groups: readonly RateGroup[], options: OptimizerOptions) {
    const floats = () => new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));
    this.state = { values: floats(), gradients: floats(), first: floats(), second: floats() };
    this.#options = options;
    this.#groups = groups;
    const doubles = (count: number) => new Float64Array(new SharedArrayBuffer(count * Float64Array.BYTES_PER_ELEMENT));
    this.#shared = {
      state: this.state,
      sums: doubles(Math.ceil(length / PIECE)),
      control: new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)),
      order: doubles(ORDER_NUMBERS),
    };
    // A model so small that a thread takes longer to wake than to do it needs none.
    const threads = Math.min(options.threads, Math.max(1, this.#shared.sums.length));
    this.#helpers = Array.from({ length: threads - 1 }, (_, at) => {
      const helper = new Worker(path.join(import.meta.dirname, 'thread.ts'), {
        workerData: { shared: this.#shared, thread: at + 1, threads },
      });
      helper.unref();
      return helper;
    });
  }

  /** Norm of the mean gradient of `parts` parts, whose sum is there. */
  gradNorm(parts: number): number {
    this.#shared.order[0] = ORDERS.sums;
    this.#doTogether();
    let sum = 0;
    for (const piece of this.#shared.sums) sum += piece;
    return Math.sqrt(sum) / parts;
  }

  /** One step along the mean gradient, clipped by its norm. @param rates the learning rate of each group */
  update(parts: number, norm: number, rates: Readonly<Record<string, number>>): void {
    this.count++;
    const clipped = Math.min(1, this.#options.maxGradNorm / (norm + CLIP_EPSILON));
    for (const { name, begin, end } of this.#groups) {
      const step: AdamWStep = { ...this.#options, scale: clipped / parts, rate: rates[name]!, step: this.count };
      writeUpdate(this.#shared.order, step, begin, end);
      this.#doTogether();
    }
  }

  async close(): Promise<void> {
    this.#shared.order[0] = ORDERS.stop;
    this.#give();
    await Promise.all(this.#helpers.map((helper) => helper.terminate()));
  }

  #doTogether(): void {
    const { control } = this.#shared;
    Atomics.store(control, CONTROL.finished, 0);
    this.#give();
    doShare(this.#shared, 0, this.#helpers.length + 1);
    for (;;) {
      const finished = Atomics.load(control, CONTROL.finished);
      if (finished === this.#helpers.length) return;
      Atomics.wait(control, CONTROL.finished, finished);
    }
  }

  #give(): void {
    Atomics.add(this.#shared.control, CONTROL.given, 1);
    Atomics.notify(this.#shared.control, CONTROL.given);
  }
}
