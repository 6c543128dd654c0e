import { createHash } from 'node:crypto';
import path from 'node:path';
import { PanelvecError } from '../errors.ts';
import { chooseProvider } from '../inference/engine/provider.ts';
import { headSpec } from '../model/model.ts';
import { Checkpoints } from './checkpoint/checkpoints.ts';
import { beginning, type Position } from './checkpoint/position.ts';
import { epochBatches } from './data/batches.ts';
import { type Split, split } from './data/split.ts';
import { type TrainingPage, TrainingSet } from './data/training-set.ts';
import { HistoryFile, readHistory } from './history/history-file.ts';
import type { HistoryRecord } from './history/record.ts';
import { initialWeights } from './initial-weights.ts';
import { Pace } from './pace.ts';
import { restore, snapshot } from './snapshot.ts';
import { StepRates } from './step-rates.ts';
import { Stepper, type StepResult } from './stepper.ts';
import { takeStep } from './take-step.ts';
import { assertTrainable } from './trainable.ts';
import { isTrained, pooledOf, rateGroup } from './trained-model.ts';
import type { TrainingHooks, TrainingSummary } from './training-hooks.ts';
import type { TrainingPlan } from './training-plan.ts';
import { score } from './validation/best.ts';
import { type Validation, Validator } from './validation/validator.ts';

/** Where a training keeps what it writes. */
export function trainingFiles(folder: string) {
  return { checkpoints: path.join(folder, 'checkpoints'), history: path.join(folder, 'history.jsonl') };
}

/** One training, from its last checkpoint to its end. Owns the numbers, the data and the history. */
export class TrainingRun implements AsyncDisposable {
  readonly #plan: TrainingPlan;
  readonly #hooks: TrainingHooks;
  readonly #set: TrainingSet;
  readonly #split: Split;
  readonly #stepper: Stepper;
  readonly #validator: Validator | undefined;
  readonly #checkpoints: Checkpoints;
  readonly #history: HistoryFile;
  /** Epochs that have their line in the history */
  #recordedEpochs: number;
  readonly #rates: StepRates;
  readonly #notes: string[] = [];
  #position: Position;
  #savedAt: number;

  private constructor(parts: {
    plan: TrainingPlan;
    hooks: TrainingHooks;
    set: TrainingSet;
    split: Split;
    stepper: Stepper;
    validator: Validator | undefined;
    checkpoints: Checkpoints;
    history: HistoryFile;
    recordedEpochs: number;
    position: Position;
  }) {
    this.#plan = parts.plan;
    this.#hooks = parts.hooks;
    this.#set = parts.set;
    this.#split = parts.split;
    this.#stepper = parts.stepper;
    this.#validator = parts.validator;
    this.#checkpoints = parts.checkpoints;
    this.#history = parts.history;
    this.#recordedEpochs = parts.recordedEpochs;
    this.#position = parts.position;
    this.#savedAt = parts.position.step;
    const batches = Math.ceil(parts.split.training.length / parts.plan.options.batch_size);
    this.#rates = new StepRates(parts.plan.options, batches);
  }

  /** @throws PanelvecError dataset_invalid, WeightsError, ModelError where there is nothing that could be trained */
  static async open(plan: TrainingPlan, hooks: TrainingHooks): Promise<TrainingRun> {
    const { options, model } = plan;
    await using open = new AsyncDisposableStack();
    const set = open.use(await TrainingSet.open(plan.parts));
    const pages = split(
      set.pages.filter(({ rows }) => rows > 0),
      plan.validationFraction,
      options.seed,
    );
    assertTrainable(pages, options, plan.validationFraction);
    const { provider } = await chooseProvider(plan);
    hooks.begun();
    const place = { provider, device: plan.device, threads: plan.threads };
    const weights = await initialWeights(plan);
    const spec = headSpec(model);
    const pooled = pooledOf(plan, weights);
    const stepper = await Stepper.create(
      weights,
      { spec, options, dropout: options.dropout, trains: isTrained },
      pooled,
      {
        ...place,
        weightDecay: options.weight_decay,
        maxGradNorm: options.max_grad_norm ?? Number.POSITIVE_INFINITY,
        groupOf: rateGroup,
      },
    );
    open.defer(() => stepper.close());
    const validator =
      pages.validation.length === 0
        ? undefined
        : await Validator.create(
            weights,
            spec,
            pooled,
            new Set(stepper.weights().keys()),
            { set, pages: pages.validation },
            { ...place, objectives: options, batchSize: options.batch_size, seed: options.seed },
          );
    const files = trainingFiles(plan.folder);
    const checkpoints = new Checkpoints(files.checkpoints, identity(plan, set));
    const { state, damaged } = await checkpoints.last();
    if (state) restore(stepper, state);
    const position = state?.position ?? beginning(options.micro_batch_size ?? options.batch_size);
    const history = await HistoryFile.open(files.history, position.step);
    const recordedEpochs = await epochsIn(files.history);
    open.move();
    const run = new TrainingRun({
      plan,
      hooks,
      set,
      split: pages,
      stepper,
      validator,
      checkpoints,
      history,
      recordedEpochs,
      position,
    });
    const next = state ? 'the one before it is gone on from' : 'the training begins anew';
    for (const problem of damaged) run.#note(`a checkpoint cannot be gone on from (${problem}): ${next}`);
    return run;
  }

  async toTheEnd(): Promise<TrainingSummary> {
    const { epochs } = this.#plan.options;
    if (this.#position.step === 0 && this.#validator) {
      const baseline = await this.#validator.validate(this.#stepper.weights(), this.#hooks.signal);
      this.#position = { ...this.#position, baseline: { ...baseline } };
    }
    while (this.#position.epoch < epochs && !this.#isStale()) await this.#epoch();
    return this.#summary(await this.#checkpoints.result());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#validator?.close();
    await this.#stepper.close();
    await this.#history.close();
    await this.#set[Symbol.asyncDispose]();
  }

  async #epoch(): Promise<void> {
    const { options } = this.#plan;
    const { batch_size: size, hard_negatives: sameBook, seed } = options;
    const batches = epochBatches(this.#split.training, { size, sameBook, seed }, this.#position.epoch);
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
    const result = await takeStep(this.#stepper, this.#set, pages, {
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
    this.#tell(result, rates.head!, pace);
    if (this.#position.step % options.log_interval === 0) {
      const values = {
        ...losses,
        grad_norm: gradNorm,
        learning_rate: rates.head!,
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
    this.#record('epoch', { ...means, ...measures, learning_rate: this.#rates.at(this.#position.step - 1).head! });
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
      return await this.#validator?.validate(this.#stepper.weights(), this.#hooks.signal);
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
    await this.#history.sync();
    await this.#checkpoints.keep(snapshot(this.#stepper, this.#position), isBest);
    this.#savedAt = this.#position.step;
  }

  #record(kind: HistoryRecord['kind'], values: Readonly<Record<string, number>>): void {
    const record = { kind, epoch: this.#position.epoch + 1, step: this.#position.step, values };
    // A training that stopped while it weighed an epoch has the step of the epoch's end: the line may have survived it.
    if (kind === 'step' || record.epoch > this.#recordedEpochs) this.#history.append(record);
    if (kind === 'epoch') this.#recordedEpochs = record.epoch;
    this.#hooks.record(record);
  }

  #note(message: string): void {
    this.#notes.push(message);
    this.#hooks.note(message);
  }

  #tell({ losses, gradNorm }: StepResult, rate: number, pace: Pace): void {
    const { epochs, batch_size: size } = this.#plan.options;
    const pages = this.#split.training.length;
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
    const { training, validation } = this.#split;
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

async function epochsIn(history: string): Promise<number> {
  let last = 0;
  for await (const { kind, epoch } of readHistory(history)) if (kind === 'epoch') last = epoch;
  return last;
}

/** What a checkpoint must be of to be gone on from: the same pages, split the same way, model and options. */
function identity({ model, options, base, validationFraction }: TrainingPlan, set: TrainingSet): string {
  const pages = set.pages.map(({ id, rows, validation }) => [id, rows, validation]);
  return createHash('sha256')
    .update(JSON.stringify([base.space, model, options, validationFraction, pages]))
    .digest('hex');
}
