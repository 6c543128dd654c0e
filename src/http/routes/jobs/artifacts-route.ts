import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import { PanelvecError } from '../../../errors.ts';
import type { Jobs } from '../../../jobs/jobs.ts';
import { withErrors } from '../../openapi.ts';
import { parse } from '../../parse-request.ts';
import { artifactListSchema, jobParamsSchema, toArtifactResponse } from './job-schemas.ts';

const fileParamsSchema = z.strictObject({ id: z.uuid(), '*': z.string().min(1) });
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.jsonl': 'application/x-ndjson',
  '.csv': 'text/csv; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
};

/** What jobs have made. A Zarr store can be opened over HTTP: each of its files has its own address. */
export function artifactsRoute(jobs: Jobs): FastifyPluginAsync {
  return async (app) => {
    app.get('/v1/jobs/:id/artifacts', {
      schema: {
        summary: 'List the artefacts of a job',
        tags: ['jobs'],
        params: jobParamsSchema,
        response: withErrors({ 200: artifactListSchema }),
      },
      handler: async (request) => {
        const { artifacts } = await jobs.get(parse(jobParamsSchema, request.params).id);
        return { object: 'list', data: artifacts.map(toArtifactResponse) };
      },
    });

    app.get('/v1/jobs/:id/artifacts/*', {
      schema: {
        summary: 'Download an artefact, or a file of one that is a folder',
        tags: ['jobs'],
        params: fileParamsSchema,
        alsoProduces: ['application/octet-stream'],
        response: withErrors({ 200: z.unknown() }),
      },
      handler: async (request, reply) => {
        const { id, '*': name } = parse(fileParamsSchema, request.params);
        const { file, bytes } = await findArtifactFile(jobs, id, name);
        const type = MEDIA_TYPES[path.extname(file)] ?? 'application/octet-stream';
        return reply.type(type).header('content-length', bytes).send(createReadStream(file));
      },
    });
  };
}

/** @throws PanelvecError not_found also for names that lead out of the artefact */
async function findArtifactFile(jobs: Jobs, id: string, name: string): Promise<{ file: string; bytes: number }> {
  const notFoundError = () => new PanelvecError('not_found', `the job has no artefact "${name}"`, { param: 'name' });
  const { artifacts } = await jobs.get(id);
  const [first] = name.split('/');
  const artifact = artifacts.find((candidate) => candidate.name === first);
  if (artifact === undefined || name.includes('\0')) throw notFoundError();
  const root = jobs.artifactPath(artifact);
  const file = await realpath(path.join(root, name.slice(artifact.name.length))).catch(() => undefined);
  const stats = file === undefined ? undefined : await stat(file).catch(() => undefined);
  const isInside = file !== undefined && !path.relative(await realpath(root), file).startsWith('..');
  if (!isInside || !stats?.isFile()) throw notFoundError();
  return { file, bytes: stats.size };
}
