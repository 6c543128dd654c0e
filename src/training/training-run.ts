import { PanelvecError } from '../errors.ts';
import type { TrainerState } from './checkpoint/trainer-state.ts';
import { epochBatches } from './data/epoch-batches.ts';
import type { TrainingPage } from './data/training-set.ts';
import type { HistoryRecord } from './history/history-record.ts';
import { LearningRateSchedule } from './learning-rate-schedule.ts';
import type { TrainingContext } from './prepare-training.ts';
import type { StepResult } from './stepper.ts';
import { ThroughputMeter } from './throughput-meter.ts';
import { trainStep } from './train-step.ts';
import type { TrainingHooks, TrainingSummary } from './training-hooks.ts';
import type { TrainingPlan } from './training-plan.ts';
import { takeSnapshot } from './training-snapshot.ts';
import { score } from './validation/score.ts';
import type { ValidationMetrics } from './validation/validator.ts';

/** One training, from its last checkpoint to its end. Owns the numbers, the data and the history. */
export class TrainingRun implements AsyncDisposable {
  readonly #plan: TrainingPlan;
  readonly #hooks: TrainingHooks;
  readonly #context: TrainingContext;
  /** Epochs that have their line in the history */
  #recordedEpochs: number;
  readonly #schedule: LearningRateSchedule;
  readonly #warnings: string[] = [];
  #state: TrainerState;
  #savedStep: number;

  constructor(plan: TrainingPlan, hooks: TrainingHooks, context: TrainingContext) {
    this.#plan = plan;
    this.#hooks = hooks;
    this.#context = context;
    this.#recordedEpochs = context.recordedEpochs;
    this.#state = context.trainerState;
    this.#savedStep = context.trainerState.step;
    const batchesPerEpoch = Math.ceil(context.split.training.length / plan.options.batch_size);
    this.#schedule = new LearningRateSchedule(plan.options, batchesPerEpoch);
    for (const message of context.warnings) this.#warn(message);
  }

  async run(): Promise<TrainingSummary> {
    const { epochs } = this.#plan.options;
    if (this.#state.step === 0 && this.#context.validator) {
      const baseline = await this.#context.validator.validate(this.#context.stepper.weights(), this.#hooks.signal);
      this.#state = { ...this.#state, baseline: { ...baseline } };
    }
    while (this.#state.epoch < epochs && !this.#isPatienceExhausted()) await this.#runEpoch();
    return this.#summary(await this.#context.checkpoints.resultFile());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.validator?.close();
    await this.#context.stepper.close();
    await this.#context.history.close();
    await this.#context.trainingSet[Symbol.asyncDispose]();
  }

  async #runEpoch(): Promise<void> {
    const { options } = this.#plan;
    const { batch_size: size, hard_negatives: pagesPerBook, seed } = options;
    const batches = epochBatches(this.#context.split.training, { size, pagesPerBook, seed }, this.#state.epoch);
    const throughput = new ThroughputMeter();
    for (const pages of batches.slice(this.#state.batch)) {
      if (this.#hooks.signal.aborted) await this.#save(false);
      this.#hooks.signal.throwIfAborted();
      await this.#runStep(pages, throughput);
      const isMidEpoch = this.#state.batch < batches.length;
      if (isMidEpoch && this.#state.step % options.save_every_steps === 0) await this.#save(false);
    }
    await this.#endEpoch();
  }

  async #runStep(pages: readonly TrainingPage[], throughput: ThroughputMeter): Promise<void> {
    const { options } = this.#plan;
    const state = this.#state;
    const rates = this.#schedule.rates(state.step);
    const microBatch = { size: state.micro_batch };
    const result = await trainStep(this.#context.stepper, this.#context.trainingSet, pages, {
      options,
      step: state.step,
      rates,
      microBatch,
      warn: (message) => this.#warn(message),
    });
    const { losses, gradNorm, isApplied } = result;
    this.#state = {
      ...state,
      batch: state.batch + 1,
      step: state.step + 1,
      updates: state.updates + (isApplied ? 1 : 0),
      skipped: state.skipped + (isApplied ? 0 : 1),
      micro_batch: microBatch.size,
      sums: isApplied ? addValues(state.sums, { ...losses, taken: 1 }) : state.sums,
    };
    throughput.recordPanels(pages.reduce((sum, { rows }) => sum + rows, 0));
    this.#reportProgress(result, rates.head, throughput);
    if (this.#state.step % options.log_interval === 0) {
      const values = {
        ...losses,
        grad_norm: gradNorm,
        learning_rate: rates.head,
        skipped_steps: this.#state.skipped,
      };
      this.#record('step', values);
    }
    if (this.#state.skipped >= options.max_skipped_steps) {
      const message = `${this.#state.skipped} steps gave no finite numbers: a smaller learning_rate may help`;
      throw new PanelvecError('training_diverged', message, { param: 'training.learning_rate' });
    }
  }

  /** Weighs the epoch, keeps it where it is time, and begins the next. */
  async #endEpoch(): Promise<void> {
    const { options } = this.#plan;
    const { taken: appliedSteps = 0, ...sums } = this.#state.sums;
    const means = Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / appliedSteps]));
    const metrics = await this.#validate();
    const epoch = this.#state.epoch + 1;
    const value = metrics && score(options.best_by, metrics);
    const { best } = this.#state;
    const isBest = value !== undefined && Number.isFinite(value) && !(best !== null && best.value >= value);
    this.#record('epoch', { ...means, ...metrics, learning_rate: this.#schedule.rates(this.#state.step - 1).head });
    this.#state = {
      ...this.#state,
      epoch,
      batch: 0,
      sums: {},
      best: isBest ? { epoch, step: this.#state.step, value: value!, measures: { ...metrics! } } : best,
    };
    const isDue = epoch % options.save_every === 0 || epoch === options.epochs || this.#isPatienceExhausted();
    if (isBest || isDue) await this.#save(isBest);
  }

  /** Measures of the weights as they are, at the end of an epoch. */
  async #validate(): Promise<ValidationMetrics | undefined> {
    try {
      return await this.#context.validator?.validate(this.#context.stepper.weights(), this.#hooks.signal);
    } catch (error) {
      // All batches of the epoch are behind it: whoever goes on has only to weigh it.
      if (this.#hooks.signal.aborted) await this.#save(false);
      throw error;
    }
  }

  /** Whether the best epoch is too long ago. */
  #isPatienceExhausted(): boolean {
    const { early_stopping_epochs: patience } = this.#plan.options;
    const { best, epoch } = this.#state;
    return patience !== null && best !== null && epoch - best.epoch >= patience;
  }

  async #save(isBest: boolean): Promise<void> {
    if (!isBest && this.#savedStep === this.#state.step && this.#state.batch > 0) return;
    await this.#context.history.sync();
    await this.#context.checkpoints.save(takeSnapshot(this.#context.stepper, this.#state), isBest);
    this.#savedStep = this.#state.step;
  }

  #record(kind: HistoryRecord['kind'], values: Readonly<Record<string, number>>): void {
    const record = { kind, epoch: this.#state.epoch + 1, step: this.#state.step, values };
    // A training that stopped while it weighed an epoch has the step of the epoch's end: the line may have survived it.
    if (kind === 'step' || record.epoch > this.#recordedEpochs) this.#context.history.append(record);
    if (kind === 'epoch') this.#recordedEpochs = record.epoch;
    this.#hooks.onRecord(record);
  }

  #warn(message: string): void {
    this.#warnings.push(message);
    this.#hooks.onWarning(message);
  }

  #reportProgress({ losses, gradNorm }: StepResult, rate: number, throughput: ThroughputMeter): void {
    const { epochs, batch_size: size } = this.#plan.options;
    const pages = this.#context.split.training.length;
    const { epoch, batch, step, skipped } = this.#state;
    this.#hooks.onProgress(epoch * pages + Math.min(pages, batch * size), epochs * pages, {
      epoch: epoch + 1,
      step,
      ...losses,
      grad_norm: gradNorm,
      learning_rate: rate,
      panels_per_second: throughput.panelsPerSecond,
      skipped_steps: skipped,
    });
  }

  #summary(result: string): TrainingSummary {
    const countPanels = (pages: readonly TrainingPage[]) => pages.reduce((sum, { rows }) => sum + rows, 0);
    const { training, validation } = this.#context.split;
    const { epoch, step, skipped, best, baseline } = this.#state;
    return {
      epochs: epoch,
      steps: step,
      skipped,
      pages: { training: training.length, validation: validation.length },
      panels: { training: countPanels(training), validation: countPanels(validation) },
      baseline,
      best: best && { epoch: best.epoch, measures: best.measures },
      result,
      notes: this.#warnings,
    };
  }
}

function addValues(
  sums: Readonly<Record<string, number>>,
  values: Readonly<Record<string, number>>,
): Record<string, number> {
  const names = [...new Set([...Object.keys(sums), ...Object.keys(values)])];
  return Object.fromEntries(names.map((name) => [name, (sums[name] ?? 0) + (values[name] ?? 0)]));
}
