import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { jobSpecSchema } from '../../../jobs/job-spec.ts';
import type { Jobs } from '../../../jobs/jobs.ts';
import type { Services } from '../../../services.ts';
import { withErrors } from '../../openapi-schemas.ts';
import { recordAudit } from '../../record-audit.ts';
import { emptyQuerySchema } from '../../validation.ts';
import {
  type JobResponse,
  jobListSchema,
  jobParamsSchema,
  jobQuerySchema,
  jobSchema,
  toJobResponse,
} from './job-schemas.ts';

const MAX_KEY_LENGTH = 200;
const headersSchema = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(MAX_KEY_LENGTH)
    .optional()
    .describe('The same key and spec give the same job again'),
});

const tags = ['jobs'];

/** /v1/jobs: submits, lists, shows and cancels jobs. */
export const jobsRoute: FastifyPluginAsyncZod<Pick<Services, 'audit'> & { readonly jobs: Jobs }> = async (
  app,
  { jobs, audit },
) => {
  app.post('/v1/jobs', {
    config: { access: 'jobs' },
    schema: {
      summary: 'Submit a job',
      tags,
      querystring: emptyQuerySchema,
      headers: headersSchema,
      body: jobSpecSchema,
      response: withErrors({ 200: jobSchema, 202: jobSchema }),
    },
    handler: async (request, reply): Promise<JobResponse> => {
      const { job, created } = await jobs.submit(request.body, request.headers['idempotency-key']);
      if (created) recordAudit(audit, request, { action: 'job.submit', subject: job.id, detail: { type: job.type } });
      reply.status(created ? 202 : 200).header('location', `/v1/jobs/${job.id}`);
      return toJobResponse(job);
    },
  });

  app.get('/v1/jobs', {
    config: { access: 'jobs' },
    schema: {
      summary: 'List jobs, newest first',
      tags,
      querystring: jobQuerySchema,
      response: withErrors({ 200: jobListSchema }),
    },
    handler: async ({ query }): Promise<z.infer<typeof jobListSchema>> => {
      const page = await jobs.list(query);
      const oldest = page.jobs.at(-1);
      return {
        object: 'list',
        data: page.jobs.map(toJobResponse),
        next: page.more && oldest ? oldest.id : null,
      };
    },
  });

  app.get('/v1/jobs/:id', {
    config: { access: 'jobs' },
    schema: { summary: 'Show a job', tags, params: jobParamsSchema, response: withErrors({ 200: jobSchema }) },
    handler: async ({ params }): Promise<JobResponse> => toJobResponse(await jobs.get(params.id)),
  });

  app.post('/v1/jobs/:id/cancel', {
    config: { access: 'jobs' },
    schema: { summary: 'Cancel a job', tags, params: jobParamsSchema, response: withErrors({ 200: jobSchema }) },
    handler: async (request): Promise<JobResponse> => {
      const job = await jobs.cancel(request.params.id);
      recordAudit(audit, request, { action: 'job.cancel', subject: job.id, detail: { type: job.type } });
      return toJobResponse(job);
    },
  });
};
