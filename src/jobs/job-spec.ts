import { z } from 'zod';
import { PanelvecError } from '../errors.ts';
import { type EmbedSpec, embedSpecSchema, resolveEmbed } from './embed/embed-spec.ts';
import { type EvaluateSpec, evaluateSpecSchema } from './evaluate/evaluate-spec.ts';
import { resolveEvaluate } from './evaluate/resolve-evaluate.ts';
import { type IndexSpec, indexSpecSchema } from './index/index-spec.ts';
import { resolveIndex } from './index/resolve-index.ts';
import type { ServiceSubmissionContext } from './submission.ts';
import { resolveTrain } from './train/resolve-train.ts';
import { type TrainSpec, trainSpecSchema } from './train/train-spec.ts';

/** A job as it is submitted; `type` says of which kind it is. */
export const jobSpecSchema = z.discriminatedUnion('type', [
  embedSpecSchema,
  trainSpecSchema,
  evaluateSpecSchema,
  indexSpecSchema,
]);
export type JobRequest = z.output<typeof jobSpecSchema>;

/**
 * The resolved spec of each kind of job, which workers get. A kind that is missing here, among the resolvers below or in
 * worker/job-kind-registry.ts does not compile.
 */
export interface JobSpecs {
  readonly embed: EmbedSpec;
  readonly train: TrainSpec;
  readonly evaluate: EvaluateSpec;
  readonly index: IndexSpec;
}
export type JobType = JobRequest['type'];
export type JobSpec = JobSpecs[JobType];

export const JOB_TYPES = jobSpecSchema.options.map(({ shape }) => shape.type.value);

/**
 * Reads the resolved spec of a stored job. It may be that of an earlier version: fields that it lacks get their defaults.
 * @throws PanelvecError invalid_request if it has fields that this version does not know
 */
export function readStoredSpec(stored: unknown): JobSpec {
  const { data, error } = jobSpecSchema.safeParse(stored);
  if (data !== undefined) return data as JobSpec;
  const [issue] = error.issues;
  const problem = `another version of panelvec has stored this job, and this one cannot read it: ${issue?.message}`;
  throw new PanelvecError('invalid_request', problem, { param: issue?.path.join('.') ?? '' });
}

type Resolvers = {
  readonly [T in JobType]: (
    request: Extract<JobRequest, { type: T }>,
    context: ServiceSubmissionContext,
  ) => Promise<JobSpecs[T]>;
};

const RESOLVERS: Resolvers = {
  embed: resolveEmbed,
  train: resolveTrain,
  evaluate: resolveEvaluate,
  index: resolveIndex,
};

/**
 * Resolves a request to a spec that a worker on any machine can start with: defaults are chosen and paths absolute.
 * @throws PanelvecError naming the field because of which the job cannot be done
 */
export function resolveJob<T extends JobType>(
  request: Extract<JobRequest, { type: T }>,
  context: ServiceSubmissionContext,
): Promise<JobSpecs[T]> {
  return RESOLVERS[request.type as T](request, context);
}
