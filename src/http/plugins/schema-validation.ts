import fp from 'fastify-plugin';
import type { z } from 'zod';
import { safeParse } from '../validation.ts';

/** Checks params, query, headers and JSON bodies by the zod schemas of their route, before its handler runs. */
export const schemaValidation = fp(async (app) => {
  app.setValidatorCompiler<z.ZodType>(
    ({ schema }) =>
      (value) =>
        safeParse(schema, value),
  );
  // Responses are built from the types of their schemas. Checking each of their numbers again would cost more than the
  // inference of a text; a test holds responses and schemas together.
  app.setSerializerCompiler(() => JSON.stringify);
});
