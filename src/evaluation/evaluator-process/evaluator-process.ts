import { PanelvecError } from '../../errors.ts';
import { codeFile } from '../../process/code-file.ts';
import { ComputeProcess } from '../../process/compute-process.ts';
import type { MeasurePlan } from '../measure-evaluation.ts';
import type { EvaluatorMethods, VectorsPlan } from './evaluator-messages.ts';

const ENTRY = codeFile(import.meta, 'evaluator-main');

/** A process that computes for an evaluation. It starts with the first request, and ends when it is disposed of. */
export class EvaluatorProcess implements AsyncDisposable {
  readonly #signal: AbortSignal;
  #process: ComputeProcess<EvaluatorMethods> | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** @throws PanelvecError worker_lost where the process ends early; the signal's reason */
  computeVectors(plan: VectorsPlan): Promise<void> {
    return this.#request((rpc) => rpc.request('computeVectors', plan, { signal: this.#signal }));
  }

  /** @throws PanelvecError worker_lost where the process ends early; the signal's reason */
  measure(plan: MeasurePlan): Promise<void> {
    return this.#request((rpc) => rpc.request('measure', plan, { signal: this.#signal }));
  }

  async #request<T>(send: (rpc: ComputeProcess<EvaluatorMethods>['rpc']) => Promise<T>): Promise<T> {
    this.#signal.throwIfAborted();
    try {
      return await send(this.#start().rpc);
    } catch (error) {
      throw this.#signal.aborted ? this.#signal.reason : error;
    }
  }

  #start(): ComputeProcess<EvaluatorMethods> {
    const process: ComputeProcess<EvaluatorMethods> =
      this.#process ??
      new ComputeProcess({
        entry: ENTRY,
        toExitError: (reason) =>
          new PanelvecError('worker_lost', `the evaluation process ended (${reason})${process.stderrTail.errorLine}`),
      });
    this.#process = process;
    return process;
  }

  /** Whatever it still computes is lost: until it has ended, it could still write. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process?.kill();
    await this.#process?.exited;
  }
}
