import { existsSync } from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { VERSION } from '../../../version.ts';
import { makePublic } from '../../make-public.ts';
import { PAGE_HEADERS } from './page-headers.ts';

const rootSchema = z
  .strictObject({
    name: z.literal('panelvec'),
    version: z.string(),
    links: z.record(z.string(), z.string()).describe('Paths of what one looks for first'),
  })
  .meta({ id: 'Root' });

const LINKS = {
  docs: '/docs',
  openapi: '/openapi.json',
  models: '/v1/models',
  health: '/health/ready',
  metrics: '/metrics',
};

/** Where `npm run build:web` puts the page */
const BUILT_PAGE_FOLDER = path.join(import.meta.dirname, '../../../../build/web');

const NOT_BUILT = `<!doctype html>
<html lang="en"><title>panelvec</title>
<h1>panelvec</h1>
<p>The page of this service is not built. Run <code>npm run build:web</code>, then start the service again.</p>
<p>The service works without it: <a href="/docs">the calls of its API</a>.</p>
</html>`;

interface RootRouteOptions {
  readonly pageFolder?: string;
}

/** GET /: the page for browsers, and for programs what this service is. Its files are below /assets. */
export const rootRoute: FastifyPluginAsyncZod<RootRouteOptions> = async (app, { pageFolder = BUILT_PAGE_FOLDER }) => {
  const isBuilt = existsSync(path.join(pageFolder, 'index.html'));
  app.addHook('onRoute', makePublic);
  if (isBuilt) {
    await app.register(fastifyStatic, {
      root: path.join(pageFolder, 'assets'),
      prefix: '/assets/',
      preCompressed: true,
      index: false,
      // Their names hold a hash of their content.
      immutable: true,
      maxAge: '1y',
    });
  }

  app.get('/', {
    schema: {
      summary: 'Describe the service; browsers get its page',
      tags: ['service'],
      alsoProduces: ['text/html'],
      response: { 200: rootSchema, 503: z.string().describe('For browsers, where the page is not built') },
    },
    handler: async (request, reply) => {
      reply.header('vary', 'accept');
      const wantsPage = request.accepts().type(['application/json', 'text/html']) === 'text/html';
      if (!wantsPage) return reply.send({ name: 'panelvec', version: VERSION, links: LINKS });
      reply.headers(PAGE_HEADERS).type('text/html; charset=utf-8');
      if (!isBuilt) return reply.status(503).serializer(String).send(NOT_BUILT);
      return reply.sendFile('index.html', pageFolder, { cacheControl: true, immutable: false, maxAge: 0 });
    },
  });
};
