import type { LimitFunction } from 'p-limit';
import type { Logger } from 'pino';
import type { ServedModel } from '../embedding/served-models.ts';
import type { Features } from '../features/feature-cache.ts';
import type { BulkEngines } from '../inference/engine-pool.ts';
import type { ImageLimits } from '../preprocess/image/decode.ts';
import type { Artifact, Step } from './job.ts';
import type { Plan } from './queue/task-records.ts';

/** A model and engines that compute it, until it is disposed of. */
export interface ComputedModel extends Disposable {
  readonly served: ServedModel;
  readonly engines: BulkEngines;
}

/** What a worker has for all of its tasks. */
export interface Resources {
  readonly home: string;
  readonly dataRoots: readonly string[];
  readonly imageLimits: ImageLimits;
  readonly features: Features;
  /** Pages in work at a time, over all tasks */
  readonly pages: LimitFunction;
  /** Pages decoded at a time: each holds its pixels, and takes a core from the engines */
  readonly decodes: LimitFunction;
  /** A model without its engines. @throws ModelError where there is no such model here */
  served(id: string): Promise<ServedModel>;
  /** A model with warm engines. @throws PanelvecError where they do not start */
  model(id: string): Promise<ComputedModel>;
}

export interface TaskContext {
  readonly jobId: string;
  readonly resources: Resources;
  /** Aborted when the job is cancelled or the worker stops: what is not finished will be done again. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** How far the task is, as often as one likes */
  progress(done: number, total?: number): void;
}

export interface PartResult {
  readonly done: number;
  readonly bad: number;
}

/** One kind of job. Each step may be begun again at any time, by any worker: what is done already is found and kept. */
export interface JobKind<Spec> {
  readonly phases: Readonly<Record<Step, string>>;
  plan(spec: Spec, context: TaskContext): Promise<Plan>;
  part(spec: Spec, part: number, context: TaskContext): Promise<PartResult>;
  finish(spec: Spec, context: TaskContext): Promise<readonly Artifact[]>;
}
