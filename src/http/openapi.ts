import type { FastifySchema } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { errorResponseSchema, openInferenceErrorSchema } from './plugins/error-response.ts';

/** A request body by media type: a zod schema, or bytes. Checked by the handlers (one body may come in three forms). */
export type Bodies = Readonly<Record<string, z.ZodType | 'binary'>>;

declare module 'fastify' {
  interface FastifySchema {
    bodies?: Bodies;
    /** Media types of the answer beside JSON */
    alsoProduces?: readonly string[];
  }
}

export const OPENAPI_INFO = {
  title: 'panelvec',
  version: '1',
  description: 'Comic panels, their texts and their places on the page as vectors in one space.',
};

/** Adds the errors that every call may answer with. */
export function withErrors(response: Record<number, z.ZodType>): Record<string, z.ZodType> {
  return { ...response, '4xx': errorResponseSchema, '5xx': errorResponseSchema };
}

/** The same for the calls of the Open Inference Protocol. */
export function withOpenInferenceErrors(response: Record<number, z.ZodType>): Record<string, z.ZodType> {
  return { ...response, '4xx': openInferenceErrorSchema, '5xx': openInferenceErrorSchema };
}

type TransformInput = Parameters<typeof jsonSchemaTransform>[0];

/** For @fastify/swagger: zod to JSON Schema, and our `bodies` to the content map that OpenAPI wants. */
export function transformSchema(input: TransformInput): ReturnType<typeof jsonSchemaTransform> {
  const { bodies, alsoProduces, ...schema } = (input.schema ?? {}) as FastifySchema;
  const result = jsonSchemaTransform({ ...input, schema });
  if (bodies) Object.assign(result.schema, { body: { content: toContent(bodies) } });
  if (alsoProduces) Object.assign(result.schema, { produces: ['application/json', ...alsoProduces] });
  return result;
}

type TransformObjectInput = Parameters<typeof jsonSchemaTransformObject>[0];

/** Named schemas describe answers only; their input twins, which the library adds to each, are left out. */
export function transformDocument(input: TransformObjectInput): ReturnType<typeof jsonSchemaTransformObject> {
  const document = jsonSchemaTransformObject(input);
  const { components } = document as { components?: { schemas?: Record<string, unknown> } };
  const schemas = components?.schemas ?? {};
  for (const name of Object.keys(schemas)) if (name.endsWith('Input')) delete schemas[name];
  return document;
}

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

/** One or more files under a part's name, as OpenAPI describes them. */
export const filePartSchema = (description: string) =>
  z.union([z.string(), z.array(z.string())]).meta({ format: 'binary', description });
