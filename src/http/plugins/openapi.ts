import swagger, { type SwaggerTransform, type SwaggerTransformObject } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fp from 'fastify-plugin';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Access } from '../../access/scopes.ts';
import { makePublic } from '../make-public.ts';
import type { Bodies } from '../openapi-schemas.ts';
import { hasSchedule, SCHEDULE_HEADERS } from './request-schedule.ts';

const INFO = {
  title: 'panelvec',
  version: '1',
  description: 'Embeds comic panels, their texts and their places on the page as vectors in one space.',
};

const SECURITY_SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer', description: 'A key of `panelvec keys create`' },
  key: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'The same key in a header of its own' },
} as const;

/** Swagger UI sets styles of elements and draws its icons from data URLs. The policy that it has itself asks browsers for HTTPS. */
const DOCS_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const nullableBodySchema = z.object({
  requestBody: z.object({
    content: z.record(z.string(), z.object({ schema: z.object({ anyOf: z.array(z.object({ type: z.unknown() })) }) })),
  }),
});

/** Describes the routes that are registered after it: /openapi.json for programs, /docs for people. */
export const openapi = fp(async (app) => {
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: INFO, servers: [], components: { securitySchemes: SECURITY_SCHEMES } },
    transform: transformSchema,
    transformObject: transformDocument,
  });
  await app.register(async (docs) => {
    docs.addHook('onRoute', makePublic);
    const options = { routePrefix: '/docs', logLevel: 'warn', staticCSP: true } as const;
    await docs.register(swaggerUi, { ...options, transformStaticCSP: () => DOCS_SECURITY_POLICY });
  });
  app.get('/openapi.json', {
    config: { access: 'public' },
    schema: { hide: true },
    handler: async () => app.swagger(),
  });
});

/** Turns zod into JSON Schema, and the bodies of a route into the content map of OpenAPI. */
const transformSchema: SwaggerTransform = (input) => {
  const { body, bodies, alsoProduces, ...schema } = input.schema ?? {};
  const result = jsonSchemaTransform({ ...input, schema });
  const requestBodies = bodies ?? (body instanceof z.ZodType ? { 'application/json': body } : undefined);
  if (requestBodies) Object.assign(result.schema, { body: { content: toContent(requestBodies) } });
  if (alsoProduces) Object.assign(result.schema, { produces: ['application/json', ...alsoProduces] });
  if (hasSchedule(input.route.config?.access)) Object.assign(result.schema, { headers: SCHEDULE_HEADERS });
  Object.assign(result.schema, { security: toSecurity(input.route.config?.access) });
  return result;
};

/** Each is one way to call the route; the names in it are scopes. A service where nobody needs a key takes all calls without one. */
function toSecurity(access: Access = 'admin'): Record<string, string[]>[] {
  if (access === 'public') return [];
  const scopes = access === 'any' || access === 'optional' ? [] : [access];
  return [...(access === 'optional' ? [{}] : []), { bearer: scopes }, { key: [...scopes] }];
}

/** Named schemas describe responses alone, so the input form that the library adds of each is left out. */
const transformDocument: SwaggerTransformObject = (input) => {
  const document = jsonSchemaTransformObject(input);
  for (const pathItem of Object.values(document.paths ?? {})) {
    for (const operation of Object.values(pathItem ?? {}))
      if (isOptionalBody(operation)) operation.requestBody.required = false;
  }
  const schemas = 'components' in document ? document.components?.schemas : undefined;
  for (const name of Object.keys(schemas ?? {})) if (name.endsWith('Input')) delete schemas?.[name];
  return document;
};

/** Whether the body of an operation may be null, which is how a route says that it may be left out. The library requires every body. */
function isOptionalBody(operation: unknown): operation is { requestBody: { required: boolean } } {
  const parsed = nullableBodySchema.safeParse(operation);
  if (!parsed.success) return false;
  return Object.values(parsed.data.requestBody.content).every(({ schema }) =>
    schema.anyOf.some(({ type }) => type === 'null'),
  );
}

function toContent(bodies: Bodies): Record<string, { schema: object }> {
  return Object.fromEntries(
    Object.entries(bodies).map(([mediaType, body]) => [mediaType, { schema: toBodySchema(body, mediaType) }]),
  );
}

function toBodySchema(body: z.ZodType | 'binary', mediaType: string): object {
  if (body === 'binary') return { type: 'string', format: 'binary' };
  const { $schema: _, ...schema } = z.toJSONSchema(body, { io: 'input', target: 'draft-2020-12', reused: 'inline' });
  if (mediaType === 'application/json') visitSchemas(schema, allowNull);
  return schema;
}

/** Calls a function for a schema and all schemas in it, from the inside out. */
function visitSchemas(value: unknown, visit: (schema: z.core.JSONSchema.BaseSchema) => void): void {
  if (typeof value !== 'object' || value === null) return;
  for (const child of Object.values(value)) visitSchemas(child, visit);
  if (isObjectSchema(value)) visit(value);
}

function isObjectSchema(value: object): value is z.core.JSONSchema.BaseSchema {
  return 'type' in value && value.type === 'object';
}

/** A field that is null counts as absent. */
function allowNull({ properties = {}, required = [] }: z.core.JSONSchema.BaseSchema): void {
  for (const [name, field] of Object.entries(properties)) {
    if (required.includes(name) || typeof field === 'boolean' || acceptsNull(field)) continue;
    const { description, default: defaultValue, ...rest } = field;
    const isPlain = typeof rest.type === 'string' && rest.enum === undefined && rest.const === undefined;
    properties[name] = {
      ...(description !== undefined && { description }),
      ...(defaultValue !== undefined && { default: defaultValue }),
      // The library types `type` as one name, but JSON Schema takes a list.
      ...(isPlain
        ? { ...rest, type: [rest.type, 'null'] as never }
        : { anyOf: [...(rest.anyOf ?? [rest]), { type: 'null' as const }] }),
    };
  }
}

function acceptsNull({ type, anyOf }: z.core.JSONSchema.BaseSchema): boolean {
  return type === 'null' || anyOf?.some((option) => acceptsNull(option)) === true;
}
