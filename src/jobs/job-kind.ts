import type { LimitFunction } from 'p-limit';
import type { Logger } from 'pino';
import type { CollectionDatabase } from '../collections/collection-database.ts';
import type { ServedModel } from '../embedding/served-model.ts';
import type { FeatureCache } from '../feature-cache/feature-cache.ts';
import type { BulkEngines } from '../inference/bulk-engines.ts';
import type { EngineConfig } from '../inference/pool-settings.ts';
import type { PageLimits } from '../preprocess/image/open-image.ts';
import type { EmbedRate } from './embed/describe-check.ts';
import type { Artifact, ProgressDetail, TaskStep } from './job.ts';
import type { JobFailure } from './job-failure.ts';

/** A model and the engines that run it. Disposing of it releases the engines. */
export interface ModelWithEngines extends Disposable {
  readonly servedModel: ServedModel;
  readonly engines: BulkEngines;
}

/** The MLflow server that trainings are reported to. */
export interface TrackingServer {
  readonly uri: string;
  readonly experiment: string;
  readonly token: string | undefined;
}

/** What all tasks of a worker share. */
export interface Resources {
  readonly home: string;
  readonly dataRoots: readonly string[];
  readonly imageLimits: PageLimits;
  readonly features: FeatureCache;
  readonly collections: CollectionDatabase;
  /** Provider, devices and threads (those of all engines of a device) for training, which runs in a process of its own */
  readonly engines: Pick<EngineConfig, 'provider' | 'devices' | 'threads'>;
  readonly tracking: TrackingServer | undefined;
  /** Limits the pages in work at a time, over all tasks */
  readonly pageLimit: LimitFunction;
  /** Limits the pages decoded at a time: each holds its pixels, and takes a core from the engines */
  readonly decodeLimit: LimitFunction;
  /** Loads a model without engines. @throws ModelError if there is no such model */
  loadModel(id: string): Promise<ServedModel>;
  /** Loads a model and starts its engines. @throws PanelvecError if they do not start */
  openModel(id: string): Promise<ModelWithEngines>;
}

export interface TaskContext {
  readonly jobId: string;
  readonly resources: Resources;
  /** Aborted when the job is cancelled or the worker stops. Unfinished work is done again later. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Reports progress. May be called as often as one likes. `detail` holds the current numbers of a training. */
  reportProgress(done: number, total?: number, detail?: ProgressDetail): void;
  /** How fast earlier jobs embedded with a model; undefined if none has been measured */
  findRate(model: string): Promise<EmbedRate | undefined>;
}

/** The result of a plan: the size of each part, and how many bad pages are tolerated. */
export interface JobPlan {
  readonly partSizes: readonly number[];
  readonly maxBadPages: number;
}

export interface PartResult {
  readonly done: number;
  readonly badPages: number;
}

/**
 * A kind of job. Any worker may begin a step again at any time; a step finds and keeps what is done already.
 */
export interface JobKind<Spec> {
  readonly phases: Readonly<Record<TaskStep, string>>;
  plan(spec: Spec, context: TaskContext): Promise<JobPlan>;
  part(spec: Spec, part: number, context: TaskContext): Promise<PartResult>;
  finish(spec: Spec, context: TaskContext): Promise<readonly Artifact[]>;
  /** In place of the finish if too many pages are bad: writes reports of them, and returns the error of the job. */
  reportBadPages(spec: Spec, context: TaskContext): Promise<JobFailure>;
}
