import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { SCOPES } from '../../../access/scopes.ts';
import type { Services } from '../../../services.ts';
import { withErrors } from '../../openapi-schemas.ts';

const accessSchema = z
  .strictObject({
    anonymous: z.boolean().describe('Whether callers need no key'),
    key: z
      .strictObject({
        name: z.string(),
        scopes: z.array(z.enum(SCOPES)).describe('What the key may do; admin may do everything'),
        expires_at: z.string().nullable().describe('null for a key that does not expire'),
      })
      .nullable()
      .describe('The key that was sent; null if none was'),
  })
  .meta({ id: 'Access' });
export type AccessResponse = z.infer<typeof accessSchema>;

/** GET /v1/access: whether a key is needed, and what the one that was sent may do. */
export const accessRoute: FastifyPluginAsyncZod<Pick<Services, 'keys'>> = async (app, { keys }) => {
  app.get('/v1/access', {
    config: { access: 'optional' },
    schema: {
      summary: 'Show what the caller may do',
      tags: ['service'],
      response: withErrors({ 200: accessSchema }),
    },
    handler: async ({ caller }, reply): Promise<AccessResponse> => {
      reply.header('cache-control', 'no-store');
      const { keyId, name, scopes, expiresAt } = caller;
      const key = keyId === null ? null : { name, scopes: [...scopes], expires_at: expiresAt?.toISOString() ?? null };
      return { anonymous: keys.isAnonymousAllowed, key };
    },
  });
};
