import { z } from 'zod';
import { type Artifact, JOB_STATES, type Job } from '../../../jobs/job.ts';
import { JOB_TYPES } from '../../../jobs/job-spec.ts';

const artifactSchema = z.strictObject({
  name: z.string().describe('Its name in /v1/jobs/{id}/artifacts/{name}; files of a folder follow after a slash'),
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
      'Further current numbers of a job, such as epoch, step and losses of a training. null stands for a number that is not finite',
    ),
});

export const jobSchema = z
  .strictObject({
    id: z.uuid(),
    object: z.literal('job'),
    type: z.string(),
    state: z.enum(JOB_STATES),
    spec: z.record(z.string(), z.unknown()).describe('With all defaults, the model by its id, and absolute paths'),
    progress: progressSchema,
    attempts: z
      .number()
      .int()
      .describe('How often work on the job began: once, and once more for each task that was lost with its worker'),
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
    next: z.uuid().nullable().describe('Value of `after` for the next page; null on the last page'),
  })
  .meta({ id: 'JobList' });

export type JobListResponse = z.infer<typeof jobListSchema>;

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
