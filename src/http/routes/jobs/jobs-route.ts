import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import { jobSpecSchema } from '../../../jobs/job-spec.ts';
import type { Jobs } from '../../../jobs/jobs.ts';
import { withErrors } from '../../openapi.ts';
import { emptyQuerySchema, parse } from '../../parse-request.ts';
import { jobListSchema, jobParamsSchema, jobQuerySchema, jobSchema, toJobResponse } from './job-schemas.ts';

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

/** Jobs: submitted, listed, shown, cancelled. */
export function jobsRoute(jobs: Jobs): FastifyPluginAsync {
  return async (app) => {
    app.post('/v1/jobs', {
      schema: {
        summary: 'Submit a job',
        tags,
        querystring: emptyQuerySchema,
        headers: headersSchema,
        bodies: { 'application/json': jobSpecSchema },
        response: withErrors({ 200: jobSchema, 202: jobSchema }),
      },
      handler: async (request, reply) => {
        const { 'idempotency-key': idempotencyKey } = parse(headersSchema, request.headers);
        const { job, created } = await jobs.submit(parse(jobSpecSchema, request.body), idempotencyKey);
        reply.status(created ? 202 : 200).header('location', `/v1/jobs/${job.id}`);
        return toJobResponse(job);
      },
    });

    app.get('/v1/jobs', {
      schema: {
        summary: 'List jobs, newest first',
        tags,
        querystring: jobQuerySchema,
        response: withErrors({ 200: jobListSchema }),
      },
      handler: async (request) => {
        const { jobs: data, more } = await jobs.list(parse(jobQuerySchema, request.query));
        return { object: 'list', data: data.map(toJobResponse), next: more ? data.at(-1)!.id : null };
      },
    });

    app.get('/v1/jobs/:id', {
      schema: { summary: 'Show a job', tags, params: jobParamsSchema, response: withErrors({ 200: jobSchema }) },
      handler: async (request) => toJobResponse(await jobs.get(parse(jobParamsSchema, request.params).id)),
    });

    app.post('/v1/jobs/:id/cancel', {
      schema: { summary: 'Cancel a job', tags, params: jobParamsSchema, response: withErrors({ 200: jobSchema }) },
      handler: async (request) => toJobResponse(await jobs.cancel(parse(jobParamsSchema, request.params).id)),
    });
  };
}
