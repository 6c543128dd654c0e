import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import type { Services } from '../../../services.ts';
import { withOpenInferenceErrors } from '../../openapi.ts';
import { DATATYPE_NAMES } from './datatypes.ts';
import { findModelByParams, modelPathSchema, modelPaths } from './model-path.ts';
import { describeInputTensors, describeOutputTensors } from './model-tensors.ts';

const tensorSchema = z.strictObject({
  name: z.string(),
  datatype: z.enum(DATATYPE_NAMES),
  shape: z.array(z.number().int()).readonly().describe('-1 is a size that the request chooses'),
});
const metadataSchema = z
  .strictObject({
    name: z.string(),
    versions: z.array(z.string()),
    platform: z.string(),
    inputs: z.array(tensorSchema),
    outputs: z.array(tensorSchema),
  })
  .meta({ id: 'OpenInferenceModel' });
const readySchema = z.strictObject({ name: z.string(), ready: z.boolean() }).meta({ id: 'OpenInferenceModelReady' });

/** What a model takes and gives, and whether it is warm. */
export function openInferenceModelRoute({ models, pool }: Services): FastifyPluginAsync {
  return async (app) => {
    for (const url of modelPaths()) {
      app.get(url, {
        schema: {
          summary: 'Describe a model',
          tags: ['open inference'],
          params: modelPathSchema,
          response: withOpenInferenceErrors({ 200: metadataSchema }),
        },
        handler: async (request): Promise<z.infer<typeof metadataSchema>> => {
          const { model } = findModelByParams(models, request.params);
          return {
            name: model.spec.name,
            versions: [String(model.spec.version)],
            platform: 'onnxruntime',
            inputs: Object.values(describeInputTensors(model)),
            outputs: [...describeOutputTensors(model)],
          };
        },
      });
    }

    for (const url of modelPaths('/ready')) {
      app.get(url, {
        schema: {
          summary: 'Whether a model is warm',
          tags: ['open inference'],
          params: modelPathSchema,
          response: withOpenInferenceErrors({ 200: readySchema, 503: readySchema }),
        },
        handler: async (request, reply) => {
          const { model } = findModelByParams(models, request.params);
          reply.status(pool.isReady ? 200 : 503);
          return { name: model.spec.name, ready: pool.isReady };
        },
      });
    }
  };
}
