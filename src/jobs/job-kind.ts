import type { LimitFunction } from 'p-limit';
import type { Logger } from 'pino';
import type { ServedModel } from '../embedding/served-models.ts';
import type { FeatureCache } from '../feature-cache/feature-cache.ts';
import type { BulkEngines } from '../inference/engine-pool.ts';
import type { EngineConfig } from '../inference/pool-settings.ts';
import type { ImageLimits } from '../preprocess/image/decode-image.ts';
import type { Artifact, ProgressDetail, TaskStep } from './job.ts';

/** A model and engines that compute it, until it is disposed of. */
export interface ModelWithEngines extends Disposable {
  readonly servedModel: ServedModel;
  readonly engines: BulkEngines;
}

/** An MLflow server that trainings are told to. */
export interface TrackingServer {
  readonly uri: string;
  readonly experiment: string;
  readonly token: string | undefined;
}

/** What a worker has for all of its tasks. */
export interface Resources {
  readonly home: string;
  readonly dataRoots: readonly string[];
  readonly imageLimits: ImageLimits;
  readonly features: FeatureCache;
  /** Provider, devices and threads for what computes in a process of its own */
  readonly engines: Pick<EngineConfig, 'provider' | 'devices' | 'threads'>;
  readonly tracking: TrackingServer | undefined;
  /** Pages in work at a time, over all tasks */
  readonly pageLimit: LimitFunction;
  /** Pages decoded at a time: each holds its pixels, and takes a core from the engines */
  readonly decodeLimit: LimitFunction;
  /** A model without its engines. @throws ModelError where there is no such model here */
  loadModel(id: string): Promise<ServedModel>;
  /** A model with warm engines. @throws PanelvecError where they do not start */
  openModel(id: string): Promise<ModelWithEngines>;
}

export interface TaskContext {
  readonly jobId: string;
  readonly resources: Resources;
  /** Aborted when the job is cancelled or the worker stops: what is not finished will be done again. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** How far the task is, as often as one likes; `detail` are numbers of the moment */
  reportProgress(done: number, total?: number, detail?: ProgressDetail): void;
}

/** What a plan says: how much there is in each part, and how many bad pages are tolerated. */
export interface JobPlan {
  readonly partSizes: readonly number[];
  readonly maxBadPages: number;
}

export interface PartResult {
  readonly done: number;
  readonly badPages: number;
}

/** One kind of job. Each step may be begun again at any time, by any worker: what is done already is found and kept. */
export interface JobKind<Spec> {
  readonly phases: Readonly<Record<TaskStep, string>>;
  plan(spec: Spec, context: TaskContext): Promise<JobPlan>;
  part(spec: Spec, part: number, context: TaskContext): Promise<PartResult>;
  finish(spec: Spec, context: TaskContext): Promise<readonly Artifact[]>;
}
