import swagger, { type SwaggerTransform, type SwaggerTransformObject } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fp from 'fastify-plugin';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Access } from '../../access/scopes.ts';
import { makePublic } from '../make-public.ts';
import type { Bodies } from '../openapi-schemas.ts';

const INFO = {
  title: 'panelvec',
  version: '1',
  description: 'Embeds comic panels, their texts and their places on the page as vectors in one space.',
};

const SECURITY_SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer', description: 'A key of `panelvec keys create`' },
  key: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'The same key in a header of its own' },
} as const;

/** Describes the routes that are registered after it: /openapi.json for programs, /docs for people. */
export const openapi = fp(async (app) => {
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: INFO, servers: [], components: { securitySchemes: SECURITY_SCHEMES } },
    transform: transformSchema,
    transformObject: transformDocument,
  });
  await app.register(async (docs) => {
    docs.addHook('onRoute', makePublic);
    await docs.register(swaggerUi, { routePrefix: '/docs', logLevel: 'warn' });
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
  const schemas = 'components' in document ? document.components?.schemas : undefined;
  for (const name of Object.keys(schemas ?? {})) if (name.endsWith('Input')) delete schemas?.[name];
  return document;
};

function toContent(bodies: Bodies): Record<string, { schema: object }> {
  return Object.fromEntries(
    Object.entries(bodies).map(([mediaType, body]) => [mediaType, { schema: toBodySchema(body) }]),
  );
}

function toBodySchema(body: z.ZodType | 'binary'): object {
  if (body === 'binary') return { type: 'string', format: 'binary' };
  const { $schema: _, ...schema } = z.toJSONSchema(body, { io: 'input', target: 'draft-2020-12', reused: 'inline' });
  return schema;
}
