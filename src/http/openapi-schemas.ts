import { z } from 'zod';
import { errorResponseSchema, openInferenceErrorSchema } from './error-response.ts';

/** The bodies that a route accepts by media type: a schema of the JSON or form, or bytes. */
export type Bodies = Readonly<Record<string, z.ZodType | 'binary'>>;

declare module 'fastify' {
  interface FastifySchema {
    /** In place of `body` where a route accepts several media types. Its handler reads and checks the body itself. */
    bodies?: Bodies;
    /** Media types of the response beside JSON */
    alsoProduces?: readonly string[];
  }
}

/** Adds the errors that every route may respond with. */
export function withErrors(response: Record<number, z.ZodType>): Record<string, z.ZodType> {
  return { ...response, '4xx': errorResponseSchema, '5xx': errorResponseSchema };
}

/** Adds the errors of the Open Inference Protocol. */
export function withOpenInferenceErrors(response: Record<number, z.ZodType>): Record<string, z.ZodType> {
  return { ...response, '4xx': openInferenceErrorSchema, '5xx': openInferenceErrorSchema };
}

/** One or more files under the name of a form's part. */
export function filePartSchema(description: string): z.ZodType {
  return z.union([z.string(), z.array(z.string())]).meta({ format: 'binary', description });
}
