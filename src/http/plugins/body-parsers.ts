import type { Readable } from 'node:stream';
import multipart from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { ServedModels } from '../../embedding/served-models.ts';
import { ContentHash } from '../body/content-hash.ts';
import { type BodyLimits, readBody } from '../body/read-body.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** In [0, 1), equal for requests with equal bodies; undefined where no canary was running while the body was read */
    contentFraction: number | undefined;
  }
}

export interface BodyParserOptions {
  readonly limits: BodyLimits;
  readonly models: Pick<ServedModels, 'hasCanary'>;
}

/** Reads the bodies of all routes that have no parsers of their own. */
export const bodyParsers = fp<BodyParserOptions>(async (app, { limits, models }) => {
  await app.register(multipart);
  app.decorateRequest('contentFraction', undefined);
  // Also that of the plugin, which leaves the body to the handlers: forms are read here, as all bodies are.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', async (request: FastifyRequest, payload: Readable) => {
    const hash = models.hasCanary ? new ContentHash() : undefined;
    try {
      const body = await readBody(request, payload, limits, hash);
      request.contentFraction = hash?.fraction;
      return body;
    } finally {
      // A decoder whose rest nobody reads. The request itself stays open for the response.
      if (payload !== request.raw) payload.destroy();
    }
  });
});
