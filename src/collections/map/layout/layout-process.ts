import { PanelvecError } from '../../../errors.ts';
import { codeFile } from '../../../process/code-file.ts';
import { ComputeProcess } from '../../../process/compute-process.ts';
import type { VectorRows } from '../../../vector-analysis/vector-rows.ts';
import type { LayoutMethods } from './layout-messages.ts';
import type { Placement } from './map-layout.ts';

const ENTRY = codeFile(import.meta, 'layout-main');

/** A process that lays out a map. It ends when it is disposed of. */
export class LayoutProcess implements AsyncDisposable {
  readonly #signal: AbortSignal;
  readonly #process: ComputeProcess<LayoutMethods>;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    const process: ComputeProcess<LayoutMethods> = new ComputeProcess({
      entry: ENTRY,
      toExitError: (reason) =>
        new PanelvecError('worker_lost', `the map process ended (${reason})${process.stderrTail.errorLine}`),
    });
    this.#process = process;
  }

  /** @throws PanelvecError worker_lost where the process ends early; the signal's reason */
  fit(landmarks: VectorRows, seed: number): Promise<Placement> {
    return this.#orReason(this.#process.rpc.request('fit', { landmarks, seed }, { signal: this.#signal }));
  }

  /** @throws PanelvecError worker_lost where the process ends early; the signal's reason */
  place(vectors: Float32Array): Promise<Placement> {
    return this.#orReason(this.#process.rpc.request('place', vectors, { signal: this.#signal }));
  }

  async #orReason<T>(result: Promise<T>): Promise<T> {
    try {
      return await result;
    } catch (error) {
      throw this.#signal.aborted ? this.#signal.reason : error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill();
    await this.#process.exited;
  }
}
