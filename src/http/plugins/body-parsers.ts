import multipart from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { assertJsonLimits } from '../json-limits.ts';

export const IMAGE_MEDIA_TYPES = ['image/jpeg', 'image/png', 'image/webp'];
const MAX_FORM_PARTS = 2048;

/** Reads the bodies of requests: JSON within bounds, images as bytes, and forms. */
export const bodyParsers = fp<{ maxJsonBytes: number; maxJsonValues: number }>(
  async (app, { maxJsonBytes, maxJsonValues }) => {
    // Fastify's own parser refuses fields such as __proto__.
    const parseJson = app.getDefaultJsonParser('error', 'error');
    app.removeContentTypeParser(['application/json', 'text/plain']);
    app.addContentTypeParser<string>(
      'application/json',
      { parseAs: 'string', bodyLimit: maxJsonBytes },
      (request: FastifyRequest, body: string) =>
        new Promise((resolve, reject) => {
          assertJsonLimits(body, maxJsonValues);
          parseJson(request, body, (error, value) => (error ? reject(error) : resolve(value)));
        }),
    );
    app.addContentTypeParser(IMAGE_MEDIA_TYPES, { parseAs: 'buffer' }, async (_: unknown, body: Buffer) => body);
    await app.register(multipart, { limits: { parts: MAX_FORM_PARTS }, throwFileSizeLimit: true });
  },
);
