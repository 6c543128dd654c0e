import { z } from 'zod';
import { type EmbedSpec, embedSpecSchema } from './embed/embed-spec.ts';

/** What can be submitted, by its `type`. */
export const jobSpecSchema = z.discriminatedUnion('type', [embedSpecSchema]);
export type JobRequest = z.output<typeof jobSpecSchema>;
export type JobSpec = EmbedSpec;

export const JOB_TYPES = ['embed'] as const;
