import { PanelvecError } from '../errors.ts';
import type { Position } from './checkpoint/position.ts';
import { epochBatches } from './data/batches.ts';
import type { TrainingPage } from './data/training-set.ts';
import type { HistoryRecord } from './history/record.ts';
import type { OpenTraining } from './open-training.ts';
import { Pace } from './pace.ts';
import { snapshot } from './snapshot.ts';
import { StepRates } from './step-rates.ts';
import type { StepResult } from './stepper.ts';
import { takeStep } from './take-step.ts';
import type { TrainingHooks, TrainingSummary } from './training-hooks.ts';
import type { TrainingPlan } from './training-plan.ts';
import { score } from './validation/best.ts';
import type { Validation } from './validation/validator.ts';

/** One training, from its last checkpoint to its end. Owns the numbers, the data and the history. */
export class TrainingRun implements AsyncDisposable {
  readonly #plan: TrainingPlan;
  readonly #hooks: TrainingHooks;
  readonly #training: OpenTraining;
  /** Epochs that have their line in the history */
  #recordedEpochs: number;
  readonly #rates: StepRates;
  readonly #notes: string[] = [];
  #position: Position;
  #savedAt: number;

  constructor(plan: TrainingPlan, hooks: TrainingHooks, training: OpenTraining) {
    this.#plan = plan;
    this.#hooks = hooks;
    this.#training = training;
    this.#recordedEpochs = training.recordedEpochs;
    this.#position = training.position;
    this.#savedAt = training.position.step;
    const batches = Math.ceil(training.split.training.length / plan.options.batch_size);
    this.#rates = new StepRates(plan.options, batches);
    for (const problem of training.problems) this.#note(problem);
  }

  async toTheEnd(): Promise<TrainingSummary> {
    const { epochs } = this.#plan.options;
    if (this.#position.step === 0 && this.#training.validator) {
      const baseline = await this.#training.validator.validate(this.#training.stepper.weights(), this.#hooks.signal);
      this.#position = { ...this.#position, baseline: { ...baseline } };
    }
    while (this.#position.epoch < epochs && !this.#isStale()) await this.#epoch();
    return this.#summary(await this.#training.checkpoints.result());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#training.validator?.close();
    await this.#training.stepper.close();
    await this.#training.history.close();
    await this.#training.set[Symbol.asyncDispose]();
  }

  async #epoch(): Promise<void> {
    const { options } = this.#plan;
    const { batch_size: size, hard_negatives: sameBook, seed } = options;
    const batches = epochBatches(this.#training.split.training, { size, sameBook, seed }, this.#position.epoch);
    const pace = new Pace();
    for (const pages of batches.slice(this.#position.batch)) {
      if (this.#hooks.signal.aborted) await this.#save(false);
      this.#hooks.signal.throwIfAborted();
      await this.#step(pages, pace);
      const inEpoch = this.#position.batch < batches.length;
      if (inEpoch && this.#position.step % options.save_every_steps === 0) await this.#save(false);
    }
    await this.#endEpoch();
  }

  async #step(pages: readonly TrainingPage[], pace: Pace): Promise<void> {
    const { options } = this.#plan;
    const position = this.#position;
    const rates = this.#rates.at(position.step);
    const micro = { pages: position.micro_batch };
    const result = await takeStep(this.#training.stepper, this.#training.set, pages, {
      options,
      step: position.step,
      rates,
      micro,
      note: (text) => this.#note(text),
    });
    const { losses, gradNorm, taken } = result;
    this.#position = {
      ...position,
      batch: position.batch + 1,
      step: position.step + 1,
      updates: position.updates + (taken ? 1 : 0),
      skipped: position.skipped + (taken ? 0 : 1),
      micro_batch: micro.pages,
      sums: taken ? added(position.sums, { ...losses, taken: 1 }) : position.sums,
    };
    pace.note(pages.reduce((sum, { rows }) => sum + rows, 0));
    this.#tell(result, rates.head, pace);
    if (this.#position.step % options.log_interval === 0) {
      const values = {
        ...losses,
        grad_norm: gradNorm,
        learning_rate: rates.head,
        skipped_steps: this.#position.skipped,
      };
      this.#record('step', values);
    }
    if (this.#position.skipped >= options.max_skipped_steps) {
      const message = `${this.#position.skipped} steps gave no finite numbers: a smaller learning_rate may help`;
      throw new PanelvecError('training_diverged', message, { param: 'training.learning_rate' });
    }
  }

  /** Weighs the epoch, keeps it where it is time, and begins the next. */
  async #endEpoch(): Promise<void> {
    const { options } = this.#plan;
    const { taken = 0, ...sums } = this.#position.sums;
    const means = Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / taken]));
    const measures = await this.#weigh();
    const epoch = this.#position.epoch + 1;
    const value = measures && score(options.best_by, measures);
    const { best } = this.#position;
    const isBest = value !== undefined && Number.isFinite(value) && !(best !== null && best.value >= value);
    this.#record('epoch', { ...means, ...measures, learning_rate: this.#rates.at(this.#position.step - 1).head });
    this.#position = {
      ...this.#position,
      epoch,
      batch: 0,
      sums: {},
      best: isBest ? { epoch, step: this.#position.step, value: value!, measures: { ...measures! } } : best,
    };
    const isTime = epoch % options.save_every === 0 || epoch === options.epochs || this.#isStale();
    if (isBest || isTime) await this.#save(isBest);
  }

  /** Measures of the weights as they are, at the end of an epoch. */
  async #weigh(): Promise<Validation | undefined> {
    try {
      return await this.#training.validator?.validate(this.#training.stepper.weights(), this.#hooks.signal);
    } catch (error) {
      // All batches of the epoch are behind it: whoever goes on has only to weigh it.
      if (this.#hooks.signal.aborted) await this.#save(false);
      throw error;
    }
  }

  /** Whether the best epoch is too long ago. */
  #isStale(): boolean {
    const { early_stopping_epochs: patience } = this.#plan.options;
    const { best, epoch } = this.#position;
    return patience !== null && best !== null && epoch - best.epoch >= patience;
  }

  async #save(isBest: boolean): Promise<void> {
    if (!isBest && this.#savedAt === this.#position.step && this.#position.batch > 0) return;
    await this.#training.history.sync();
    await this.#training.checkpoints.keep(snapshot(this.#training.stepper, this.#position), isBest);
    this.#savedAt = this.#position.step;
  }

  #record(kind: HistoryRecord['kind'], values: Readonly<Record<string, number>>): void {
    const record = { kind, epoch: this.#position.epoch + 1, step: this.#position.step, values };
    // A training that stopped while it weighed an epoch has the step of the epoch's end: the line may have survived it.
    if (kind === 'step' || record.epoch > this.#recordedEpochs) this.#training.history.append(record);
    if (kind === 'epoch') this.#recordedEpochs = record.epoch;
    this.#hooks.record(record);
  }

  #note(message: string): void {
    this.#notes.push(message);
    this.#hooks.note(message);
  }

  #tell({ losses, gradNorm }: StepResult, rate: number, pace: Pace): void {
    const { epochs, batch_size: size } = this.#plan.options;
    const pages = this.#training.split.training.length;
    const { epoch, batch, step, skipped } = this.#position;
    this.#hooks.progress(epoch * pages + Math.min(pages, batch * size), epochs * pages, {
      epoch: epoch + 1,
      step,
      ...losses,
      grad_norm: gradNorm,
      learning_rate: rate,
      panels_per_second: pace.perSecond,
      skipped_steps: skipped,
    });
  }

  #summary(result: string): TrainingSummary {
    const panels = (pages: readonly TrainingPage[]) => pages.reduce((sum, { rows }) => sum + rows, 0);
    const { training, validation } = this.#training.split;
    const { epoch, step, skipped, best, baseline } = this.#position;
    return {
      epochs: epoch,
      steps: step,
      skipped,
      pages: { training: training.length, validation: validation.length },
      panels: { training: panels(training), validation: panels(validation) },
      baseline,
      best: best && { epoch: best.epoch, measures: best.measures },
      result,
      notes: this.#notes,
    };
  }
}

function added(sums: Readonly<Record<string, number>>, more: Readonly<Record<string, number>>): Record<string, number> {
  const names = [...new Set([...Object.keys(sums), ...Object.keys(more)])];
  return Object.fromEntries(names.map((name) => [name, (sums[name] ?? 0) + (more[name] ?? 0)]));
}
