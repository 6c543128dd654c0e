import { z } from 'zod';
import { type Artifact, JOB_STATES, type Job } from '../../../jobs/job.ts';
import { JOB_TYPES } from '../../../jobs/job-spec.ts';

const artifactSchema = z.strictObject({
  name: z
    .string()
    .describe('What it is asked for by: /v1/jobs/{id}/artifacts/{name}; files of a folder below its name'),
  kind: z.enum(['file', 'folder']),
  bytes: z.number().int().nullable(),
});
export const artifactListSchema = z
  .strictObject({ object: z.literal('list'), data: z.array(artifactSchema) })
  .meta({ id: 'ArtifactList' });

const progressSchema = z.strictObject({
  done: z.number().int().describe('Pages'),
  total: z.number().int().nullable(),
  rate: z.number().describe('Pages per second, of all workers together'),
  seconds_left: z.number().nullable(),
  phase: z.string(),
  detail: z
    .record(z.string(), z.number().nullable())
    .nullable()
    .describe(
      'Numbers of the moment where a job has more to tell than pages: epoch, step, losses of a training. One that is null is not finite',
    ),
});

export const jobSchema = z
  .strictObject({
    id: z.uuid(),
    object: z.literal('job'),
    type: z.string(),
    state: z.enum(JOB_STATES),
    spec: z.record(z.string(), z.unknown()).describe('As it was resolved: the model by its id, paths absolute'),
    progress: progressSchema,
    attempts: z
      .number()
      .int()
      .describe('How often work on it began: once, and once more for each task that a dead worker had in hand'),
    error: z.strictObject({ code: z.string(), message: z.string(), param: z.string().nullable() }).nullable(),
    created_at: z.string(),
    started_at: z.string().nullable(),
    finished_at: z.string().nullable(),
    artifacts: z.array(artifactSchema),
  })
  .meta({ id: 'Job' });
export type JobResponse = z.infer<typeof jobSchema>;

export const jobListSchema = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(jobSchema),
    next: z.uuid().nullable().describe('What `after` takes for the next page; null at the end'),
  })
  .meta({ id: 'JobList' });

export const jobParamsSchema = z.strictObject({ id: z.uuid() });
export const jobQuerySchema = z.strictObject({
  state: z.enum(JOB_STATES).optional(),
  type: z.enum(JOB_TYPES).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z.uuid().optional().describe('Jobs older than this one'),
});

export function toJobResponse({ revision: _, artifacts, ...job }: Job): JobResponse {
  return {
    ...job,
    object: 'job',
    created_at: job.created_at.toISOString(),
    started_at: job.started_at?.toISOString() ?? null,
    finished_at: job.finished_at?.toISOString() ?? null,
    artifacts: artifacts.map(toArtifactResponse),
  };
}

export function toArtifactResponse({ name, kind, bytes }: Artifact): z.infer<typeof artifactSchema> {
  return { name, kind, bytes };
}
