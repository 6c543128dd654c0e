import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { PanelvecError } from '../../errors.ts';
import { type AdamW, adamwNumbers } from './adamw.ts';
import { bindKernels, compileKernels, type Kernels, MOST_BYTES, sharedMemory } from './kernels.ts';
import type { ThreadData } from './thread.ts';
import { CONTROL, doShare, ORDER_NUMBERS, ORDERS, PIECE, type Shared, writeUpdate } from './work.ts';

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

/** Variables side by side, all of one length */
export interface OptimizerState {
  readonly values: Float32Array;
  readonly gradients: Float32Array;
  /** Moments: running means of the gradients, and of their squares */
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** Elements that are computed at a time: variables and groups begin at multiples of it. */
export const LANES = 4;
const ARRAYS = 4;
const BYTES = Float32Array.BYTES_PER_ELEMENT;
/** Of PyTorch's clip_grad_norm_: what is added to the norm that it divides by. */
const CLIP_EPSILON = 1e-6;

/**
 * AdamW over memory that several threads share, each number read and written once (docs/decisions/0014). The result does not
 * depend on how many threads there are: elements are updated each by itself, and the norm is added up in a fixed order.
 */
export class Optimizer {
  readonly state: OptimizerState;
  /** Steps taken */
  count = 0;
  readonly #options: OptimizerOptions;
  readonly #groups: readonly RateGroup[];
  readonly #shared: Shared;
  readonly #kernels: Kernels;
  readonly #helpers: readonly Worker[];

  private constructor(
    module: WebAssembly.Module,
    length: number,
    groups: readonly RateGroup[],
    options: OptimizerOptions,
  ) {
    const memory = sharedMemory(ARRAYS * length * BYTES);
    const floats = (array: number) => new Float32Array(memory.buffer, array * length * BYTES, length);
    this.state = { values: floats(0), gradients: floats(1), first: floats(2), second: floats(3) };
    this.#options = options;
    this.#groups = groups;
    const doubles = (count: number) => new Float64Array(new SharedArrayBuffer(count * Float64Array.BYTES_PER_ELEMENT));
    this.#shared = {
      memory,
      length,
      sums: doubles(Math.ceil(length / PIECE)),
      control: new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)),
      order: doubles(ORDER_NUMBERS),
    };
    this.#kernels = bindKernels(module, memory);
    // A model so small that a thread takes longer to wake than to do it needs none.
    const threads = Math.min(options.threads, Math.max(1, this.#shared.sums.length));
    this.#helpers = Array.from({ length: threads - 1 }, (_, at) => {
      const workerData: ThreadData = { module, shared: this.#shared, thread: at + 1, threads };
      const helper = new Worker(path.join(import.meta.dirname, 'thread.ts'), { workerData });
      helper.unref();
      return helper;
    });
  }

  /**
   * All numbers are zero at first.
   * @param length elements, a multiple of LANES, as are the bounds of the groups
   * @throws PanelvecError invalid_request where that is more than 32-bit addresses reach
   */
  static async create(length: number, groups: readonly RateGroup[], options: OptimizerOptions): Promise<Optimizer> {
    if (ARRAYS * length * BYTES > MOST_BYTES) {
      const most = Math.floor(MOST_BYTES / ARRAYS / BYTES / 1e6);
      const message = `${Math.ceil(length / 1e6)} million weights cannot be trained at once, at most ${most}: freeze_backbones must be true`;
      throw new PanelvecError('invalid_request', message, { param: 'training.freeze_backbones' });
    }
    return new Optimizer(await compileKernels(), length, groups, options);
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
      const step = { ...this.#options, scale: clipped / parts, rate: rates[name]!, step: this.count };
      writeUpdate(this.#shared.order, begin, end, adamwNumbers(step));
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
    doShare(this.#kernels, this.#shared, 0, this.#helpers.length + 1);
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
