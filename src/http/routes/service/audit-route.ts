import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { AUDIT_ACTIONS, type AuditLine } from '../../../access/audit-records.ts';
import type { Services } from '../../../services.ts';
import { withErrors } from '../../openapi-schemas.ts';

const MAX_SUBJECT_LENGTH = 200;

const auditLineSchema = z
  .strictObject({
    id: z.uuid(),
    object: z.literal('audit_line'),
    created_at: z.string(),
    caller: z.string().describe('The name of the key, or `anonymous`, `command line` or `service`'),
    key_id: z.string().nullable().describe('null for callers without a key'),
    action: z.enum(AUDIT_ACTIONS),
    subject: z.string().describe('The id or name of what was changed'),
    detail: z.record(z.string(), z.unknown()).nullable().describe('More about the change, by action'),
    request_id: z.string().nullable().describe('The request that made the change; null where there was none'),
  })
  .meta({ id: 'AuditLine' });

const auditListSchema = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(auditLineSchema),
    next: z.uuid().nullable().describe('Value of `after` for the next page; null on the last page'),
  })
  .meta({ id: 'AuditList' });

const querySchema = z.strictObject({
  action: z.enum(AUDIT_ACTIONS).optional(),
  subject: z
    .string()
    .min(1)
    .max(MAX_SUBJECT_LENGTH)
    .refine((text) => !text.includes('\0'), 'must be text without NUL')
    .optional()
    .describe('Lines about this id or name alone'),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z.uuid().optional().describe('Lines older than this one'),
});

/** GET /v1/audit: who has changed what. */
export const auditRoute: FastifyPluginAsyncZod<Pick<Services, 'audit'>> = async (app, { audit }) => {
  app.get('/v1/audit', {
    config: { access: 'admin' },
    schema: {
      summary: 'List what was changed, newest first',
      description: 'Jobs, models, aliases, keys and collections: who changed what, and when.',
      tags: ['service'],
      querystring: querySchema,
      response: withErrors({ 200: auditListSchema }),
    },
    handler: async ({ query }): Promise<z.infer<typeof auditListSchema>> => {
      const { lines, more } = await audit.list(query);
      return { object: 'list', data: lines.map(toResponse), next: (more && lines.at(-1)?.id) || null };
    },
  });
};

function toResponse({ created_at, ...line }: AuditLine): z.infer<typeof auditLineSchema> {
  return { ...line, object: 'audit_line', created_at: created_at.toISOString() };
}
