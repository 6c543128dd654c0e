import { Worker } from 'node:worker_threads';
import { PanelvecError } from '../../errors.ts';
import { codeFile } from '../../process/code-file.ts';
import { instantiateKernels, type Kernels, loadKernels, MAX_BYTES, sharedMemory } from './kernels.ts';
import {
  type AdamWOptions,
  CHUNK_LENGTH,
  COMMAND_LENGTH,
  COMMANDS,
  CONTROL,
  runThreadShare,
  type SharedState,
  writeUpdateCommand,
} from './optimizer-commands.ts';
import type { OptimizerThreadData } from './optimizer-worker.ts';

/** A range of elements that share a learning rate. */
export interface ParameterGroup {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
}

export interface OptimizerOptions extends AdamWOptions {
  /** The norm that longer gradients are clipped to, over all variables together; infinity never clips */
  readonly maxGradNorm: number;
  /** The calling thread included */
  readonly threads: number;
}

/** All variables side by side, in four arrays of one length. */
export interface OptimizerState {
  readonly values: Float32Array;
  readonly gradients: Float32Array;
  /** Running means of the gradients, and of their squares */
  readonly firstMoments: Float32Array;
  readonly secondMoments: Float32Array;
}

/** Elements of one SIMD instruction. Variables and groups begin at multiples of it. */
export const SIMD_LANES = 4;
const ARRAY_COUNT = 4;
const BYTES = Float32Array.BYTES_PER_ELEMENT;
/** Added to the norm before it divides, as in PyTorch's clip_grad_norm_. */
const CLIP_EPSILON = 1e-6;

/**
 * AdamW over memory that several threads share, which reads and writes each number once (docs/decisions/0014). The result does
 * not depend on the number of threads: each element is updated by itself, and the norm is added up in a fixed order.
 */
export class Optimizer {
  readonly state: OptimizerState;
  /** Steps taken */
  stepCount = 0;
  readonly #options: OptimizerOptions;
  readonly #groups: readonly ParameterGroup[];
  readonly #shared: SharedState;
  readonly #kernels: Kernels;
  readonly #workers: readonly Worker[];

  private constructor(
    module: WebAssembly.Module,
    length: number,
    groups: readonly ParameterGroup[],
    options: OptimizerOptions,
  ) {
    const memory = sharedMemory(ARRAY_COUNT * length * BYTES);
    const arrayView = (array: number) => new Float32Array(memory.buffer, array * length * BYTES, length);
    this.state = {
      values: arrayView(0),
      gradients: arrayView(1),
      firstMoments: arrayView(2),
      secondMoments: arrayView(3),
    };
    this.#options = options;
    this.#groups = groups;
    const sharedDoubles = (count: number) =>
      new Float64Array(new SharedArrayBuffer(count * Float64Array.BYTES_PER_ELEMENT));
    this.#shared = {
      memory,
      length,
      sums: sharedDoubles(Math.ceil(length / CHUNK_LENGTH)),
      control: new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)),
      command: sharedDoubles(COMMAND_LENGTH),
    };
    this.#kernels = instantiateKernels(module, memory);
    // A thread without a chunk would only cost the time to wake it.
    const threads = Math.min(options.threads, Math.max(1, this.#shared.sums.length));
    this.#workers = Array.from({ length: threads - 1 }, (_, i) => {
      const workerData: OptimizerThreadData = { module, shared: this.#shared, thread: i + 1, threads };
      const worker = new Worker(codeFile(import.meta, 'optimizer-worker'), { workerData });
      worker.unref();
      return worker;
    });
  }

  /**
   * Starts the threads. All arrays are zero at first.
   * @param length elements, a multiple of SIMD_LANES, as are the bounds of the groups
   * @throws PanelvecError invalid_request where the arrays exceed what 32-bit addresses reach
   */
  static async create(
    length: number,
    groups: readonly ParameterGroup[],
    options: OptimizerOptions,
  ): Promise<Optimizer> {
    if (ARRAY_COUNT * length * BYTES > MAX_BYTES) {
      const maxMillions = Math.floor(MAX_BYTES / ARRAY_COUNT / BYTES / 1e6);
      const message = `${Math.ceil(length / 1e6)} million weights are too many to train at once (at most ${maxMillions} million): set freeze_backbones to true`;
      throw new PanelvecError('invalid_request', message, { param: 'training.freeze_backbones' });
    }
    return new Optimizer(await loadKernels(), length, groups, options);
  }

  /** The norm of the mean gradient, where `gradients` holds the sum over the micro-batches. */
  gradNorm(microBatchCount: number): number {
    this.#shared.command[0] = COMMANDS.squareSums;
    this.#runOnAllThreads();
    let sum = 0;
    for (const chunkSum of this.#shared.sums) sum += chunkSum;
    return Math.sqrt(sum) / microBatchCount;
  }

  /**
   * Takes one step along the mean gradient, clipped by its norm.
   * @param learningRates of each group, by its name
   */
  update(microBatchCount: number, norm: number, learningRates: Readonly<Record<string, number>>): void {
    this.stepCount++;
    const scale = Math.min(1, this.#options.maxGradNorm / (norm + CLIP_EPSILON)) / microBatchCount;
    for (const { name, begin, end } of this.#groups) {
      const learningRate = learningRates[name];
      if (learningRate === undefined) throw new RangeError(`the group "${name}" has no learning rate`);
      const step = { ...this.#options, scale, learningRate, step: this.stepCount };
      writeUpdateCommand(this.#shared.command, begin, end, step);
      this.#runOnAllThreads();
    }
  }

  async close(): Promise<void> {
    this.#shared.command[0] = COMMANDS.stop;
    this.#issueCommand();
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #runOnAllThreads(): void {
    const { control } = this.#shared;
    Atomics.store(control, CONTROL.finished, 0);
    this.#issueCommand();
    runThreadShare(this.#kernels, this.#shared, 0, this.#workers.length + 1);
    for (;;) {
      const finished = Atomics.load(control, CONTROL.finished);
      if (finished === this.#workers.length) return;
      Atomics.wait(control, CONTROL.finished, finished);
    }
  }

  #issueCommand(): void {
    Atomics.add(this.#shared.control, CONTROL.issued, 1);
    Atomics.notify(this.#shared.control, CONTROL.issued);
  }
}
