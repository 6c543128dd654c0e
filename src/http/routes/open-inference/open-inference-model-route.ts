import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Services } from '../../../services.ts';
import { withOpenInferenceErrors } from '../../openapi-schemas.ts';
import { DATATYPE_NAMES } from './datatypes.ts';
import { findModelByPath, modelPathSchema, modelPaths } from './model-path.ts';
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

/** GET /v2/models/{model}: the inputs and outputs of a model, and whether it is warm. */
export const openInferenceModelRoute: FastifyPluginAsyncZod<Pick<Services, 'models' | 'pool'>> = async (
  app,
  { models, pool },
) => {
  for (const url of modelPaths()) {
    app.get(url, {
      config: { access: 'any' },
      schema: {
        summary: 'Describe a model',
        tags: ['open inference'],
        params: modelPathSchema,
        response: withOpenInferenceErrors({ 200: metadataSchema }),
      },
      handler: async ({ params }): Promise<z.infer<typeof metadataSchema>> => {
        const { model } = findModelByPath(models, params);
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
      config: { access: 'any' },
      schema: {
        summary: 'Whether a model is warm',
        tags: ['open inference'],
        params: modelPathSchema,
        response: withOpenInferenceErrors({ 200: readySchema, 503: readySchema }),
      },
      handler: async ({ params }, reply): Promise<z.infer<typeof readySchema>> => {
        const { model } = findModelByPath(models, params);
        reply.status(pool.isReady ? 200 : 503);
        return { name: model.spec.name, ready: pool.isReady };
      },
    });
  }
};
