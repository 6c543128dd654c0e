import type { TrainerState } from '../checkpoint/trainer-state.ts';
import type { HistoryFile } from '../history/history-file.ts';
import type { HistoryRecord } from '../history/history-record.ts';
import type { TrainStepResult } from '../step/train-step.ts';
import type { TrainingHooks } from '../training-hooks.ts';

/** Weight of the past in the moving average of the throughput. */
const SMOOTHING = 0.9;

export interface ReporterOptions {
  readonly history: HistoryFile;
  /** Epochs that have a record in the history */
  readonly recordedEpochs: number;
  readonly hooks: Pick<TrainingHooks, 'onProgress' | 'onRecord' | 'onWarning'>;
  readonly epochs: number;
  /** Pages of an epoch, and of a batch */
  readonly pages: number;
  readonly batchSize: number;
  /** Steps between two records */
  readonly logInterval: number;
}

/** Reports how a training goes: to its history, and to the hooks of its caller. */
export class TrainingReporter {
  readonly warnings: string[] = [];
  readonly #options: ReporterOptions;
  #recordedEpochs: number;
  #panelsPerSecond = 0;
  #lastStepTime = performance.now();

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#recordedEpochs = options.recordedEpochs;
  }

  warn(message: string): void {
    this.warnings.push(message);
    this.#options.hooks.onWarning(message);
  }

  /** Starts to measure the throughput anew: validation and checkpoints lie between two epochs. */
  startEpoch(): void {
    this.#panelsPerSecond = 0;
    this.#lastStepTime = performance.now();
  }

  /** @param state after the step */
  reportStep(state: TrainerState, { losses, gradNorm }: TrainStepResult, learningRate: number, panels: number): void {
    const { hooks, epochs, pages, batchSize, logInterval } = this.#options;
    this.#measureThroughput(panels);
    const { epoch, batch, step, skipped } = state;
    const values = { ...losses, grad_norm: gradNorm, learning_rate: learningRate };
    const donePages = epoch * pages + Math.min(pages, batch * batchSize);
    hooks.onProgress(donePages, epochs * pages, {
      epoch: epoch + 1,
      step,
      ...values,
      panels_per_second: this.#panelsPerSecond,
      skipped_steps: skipped,
    });
    if (step % logInterval === 0) {
      this.#record({ kind: 'step', epoch: epoch + 1, step, values: { ...values, skipped_steps: skipped } });
    }
  }

  /** @param state at the end of the epoch, before the next one begins */
  reportEpoch({ epoch, step }: TrainerState, values: Readonly<Record<string, number>>): void {
    this.#record({ kind: 'epoch', epoch: epoch + 1, step, values });
  }

  /** Flushes the history to the disk: a checkpoint relies on its records. */
  async sync(): Promise<void> {
    await this.#options.history.sync();
  }

  #record(record: HistoryRecord): void {
    // A training that was stopped during validation resumes at the end of the epoch, which the history may have already.
    if (record.kind === 'step' || record.epoch > this.#recordedEpochs) this.#options.history.append(record);
    if (record.kind === 'epoch') this.#recordedEpochs = record.epoch;
    this.#options.hooks.onRecord(record);
  }

  #measureThroughput(panels: number): void {
    const now = performance.now();
    const rate = (panels * 1000) / Math.max(now - this.#lastStepTime, 1e-3);
    this.#panelsPerSecond =
      this.#panelsPerSecond === 0 ? rate : SMOOTHING * this.#panelsPerSecond + (1 - SMOOTHING) * rate;
    this.#lastStepTime = now;
  }
}
