import { resolveEmbed } from './embed/resolve-embed.ts';
import type { JobRequest, JobSpecs, JobType } from './job-spec.ts';
import type { SubmissionContext } from './submission-context.ts';
import { resolveTrain } from './train/resolve-train.ts';

type Resolvers = {
  readonly [T in JobType]: (
    request: Extract<JobRequest, { type: T }>,
    context: SubmissionContext,
  ) => Promise<JobSpecs[T]>;
};

/** The service's side of each kind of job. */
const RESOLVERS: Resolvers = { embed: resolveEmbed, train: resolveTrain };

/** A request made whole: defaults chosen, paths absolute, refused where it could not be done. @throws PanelvecError */
export function resolveJob<T extends JobType>(
  request: Extract<JobRequest, { type: T }>,
  context: SubmissionContext,
): Promise<JobSpecs[T]> {
  return RESOLVERS[request.type as T](request, context);
}
