import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { type BodyLimits, readBody } from '../body/read-body.ts';

/** Reads the bodies of all routes that have no parsers of their own. */
export const bodyParsers = fp<{ limits: BodyLimits }>(async (app, { limits }) => {
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
