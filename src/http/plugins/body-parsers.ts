import type { Readable } from 'node:stream';
import multipart from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { type BodyLimits, readBody } from '../body/read-body.ts';

/** Reads the bodies of all routes that have no parsers of their own. */
export const bodyParsers = fp<{ limits: BodyLimits }>(async (app, { limits }) => {
  await app.register(multipart);
  // Also that of the plugin, which leaves the body to the handlers: forms are read here, as all bodies are.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', async (request: FastifyRequest, payload: Readable) => {
    try {
      return await readBody(request, payload, limits);
    } finally {
      // A decoder whose rest nobody reads. The request itself stays open for the response.
      if (payload !== request.raw) payload.destroy();
    }
  });
});
