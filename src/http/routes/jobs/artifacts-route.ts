import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { PanelvecError } from '../../../errors.ts';
import type { Jobs } from '../../../jobs/jobs.ts';
import { withErrors } from '../../openapi-schemas.ts';
import { artifactListSchema, jobParamsSchema, toArtifactResponse } from './job-schemas.ts';

const fileParamsSchema = z.strictObject({ id: z.uuid(), '*': z.string().min(1) });
/** The part of the jobs that knows their files */
type ArtifactSource = Pick<Jobs, 'get' | 'artifactPath'>;

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.jsonl': 'application/x-ndjson',
  '.csv': 'text/csv; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
};

/**
 * /v1/jobs/{id}/artifacts: lists and sends the files that a job has made. A Zarr store can be opened over HTTP: each of its
 * files has a URL, with ranges and an ETag.
 */
export const artifactsRoute: FastifyPluginAsyncZod<{ readonly jobs: ArtifactSource }> = async (app, { jobs }) => {
  await app.register(fastifyStatic, {
    serve: false,
    contentType: false,
    // The files of a store can change while its job runs, so no cache is told to keep them.
    cacheControl: false,
    setHeaders: (reply, file) => void reply.type(MEDIA_TYPES[path.extname(file)] ?? 'application/octet-stream'),
  });

  app.get('/v1/jobs/:id/artifacts', {
    config: { access: 'jobs' },
    schema: {
      summary: 'List the artefacts of a job',
      tags: ['jobs'],
      params: jobParamsSchema,
      response: withErrors({ 200: artifactListSchema }),
    },
    handler: async ({ params }): Promise<z.infer<typeof artifactListSchema>> => {
      const { artifacts } = await jobs.get(params.id);
      return { object: 'list', data: artifacts.map(toArtifactResponse) };
    },
  });

  app.get('/v1/jobs/:id/artifacts/*', {
    config: { access: 'jobs' },
    schema: {
      summary: 'Download an artefact, or a file of one that is a folder',
      tags: ['jobs'],
      params: fileParamsSchema,
      alsoProduces: ['application/octet-stream'],
      response: withErrors({ 200: z.unknown() }),
    },
    handler: async ({ params: { id, '*': name } }, reply) => {
      const file = await findArtifactFile(jobs, id, name);
      return reply.sendFile(path.basename(file), path.dirname(file));
    },
  });
};

/** The file of an artefact, without links. @throws PanelvecError not_found also for names that lead out of the artefact */
async function findArtifactFile(jobs: ArtifactSource, id: string, name: string): Promise<string> {
  const notFoundError = () => new PanelvecError('not_found', `the job has no artefact "${name}"`, { param: 'name' });
  const { artifacts } = await jobs.get(id);
  const [first] = name.split('/');
  const artifact = artifacts.find((candidate) => candidate.name === first);
  if (artifact === undefined || name.includes('\0')) throw notFoundError();
  const root = jobs.artifactPath(artifact);
  const file = await realpath(path.join(root, name.slice(artifact.name.length))).catch(() => undefined);
  if (file === undefined || path.relative(await realpath(root), file).startsWith('..')) throw notFoundError();
  const stats = await stat(file).catch(() => undefined);
  if (!stats?.isFile()) throw notFoundError();
  return file;
}
