import { z } from 'zod';
import { type EmbedSpec, embedSpecSchema } from './embed/embed-spec.ts';
import { type TrainSpec, trainSpecSchema } from './train/train-spec.ts';

/** What can be submitted, by its `type`. */
export const jobSpecSchema = z.discriminatedUnion('type', [embedSpecSchema, trainSpecSchema]);
export type JobRequest = z.output<typeof jobSpecSchema>;

/** What each kind of job is worked on with. A kind that is missing here, in resolve.ts or in a worker does not compile. */
export interface JobSpecs {
  readonly embed: EmbedSpec;
  readonly train: TrainSpec;
}
export type JobType = JobRequest['type'];
export type JobSpec = JobSpecs[JobType];

export const JOB_TYPES = jobSpecSchema.options.map(({ shape }) => shape.type.value);
