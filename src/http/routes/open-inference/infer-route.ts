import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Output } from '../../../inference/engine-types.ts';
import type { Services } from '../../../services.ts';
import { JSON_LENGTH_HEADER } from '../../body/read-body.ts';
import { clientDisconnectSignal } from '../../client-disconnect.ts';
import { withOpenInferenceErrors } from '../../openapi-schemas.ts';
import { textHeaders } from '../../text-headers.ts';
import { readInferBody } from './infer-body.ts';
import { buildInferResponse } from './infer-response.ts';
import { inferRequestSchema, inferResponseSchema } from './infer-schemas.ts';
import { readTensors } from './input-tensors.ts';
import { findModelByPath, modelPathSchema, modelPaths } from './model-path.ts';
import { describeInputTensors, type OutputName } from './model-tensors.ts';
import { resolveOutputs } from './requested-outputs.ts';
import { toPanels } from './tensor-panels.ts';

const OCTET_STREAM = 'application/octet-stream';

/** POST /v2/models/{model}/infer: raw tensors, for callers that prepare images and token ids themselves. */
export const inferRoute: FastifyPluginAsyncZod<Pick<Services, 'models' | 'embedder' | 'config'>> = async (
  app,
  { models, embedder, config },
) => {
  for (const url of modelPaths('/infer')) {
    app.post(url, {
      config: { access: 'embed' },
      schema: {
        summary: 'Infer from raw tensors',
        description: 'JSON, or JSON of Inference-Header-Content-Length bytes and binary tensors after it.',
        tags: ['open inference'],
        params: modelPathSchema,
        bodies: { 'application/json': inferRequestSchema, [OCTET_STREAM]: 'binary' },
        alsoProduces: [OCTET_STREAM],
        response: withOpenInferenceErrors({ 200: inferResponseSchema }),
      },
      handler: async (request, reply) => {
        const servedModel = findModelByPath(models, request.params, request.contentFraction);
        const { model } = servedModel;
        const body = readInferBody(request, config);
        const tensors = readTensors(body, describeInputTensors(model), config.maxItems);
        const outputs = resolveOutputs(model, tensors, body.request.outputs);
        const panels = toPanels(servedModel, tensors);
        const results = await embedder.inferPrepared(
          servedModel,
          panels,
          requiredEngineOutputs(outputs.map(({ name }) => name)),
          { signal: clientDisconnectSignal(reply), quota: request.quota, ...request.schedule },
        );
        reply.headers(textHeaders(panels));
        const rows = results.map((result, row) => ({ result, hasText: panels[row]?.tokens !== null }));
        const { json, binary } = buildInferResponse(model, body.request, outputs, rows);
        if (binary.length === 0) return reply.send(json);
        const jsonBytes = Buffer.from(JSON.stringify(json));
        return reply
          .header(JSON_LENGTH_HEADER, jsonBytes.byteLength)
          .type(OCTET_STREAM)
          .send(Buffer.concat([jsonBytes, ...binary]));
      },
    });
  }
};

/** The vectors that the engine must compute: weights come with the vector that they make. */
function requiredEngineOutputs(names: readonly OutputName[]): Output[] {
  const outputs = names.map((name) =>
    name === 'gate_weights' ? 'fused' : name === 'backbone_weights' ? 'vision' : name,
  );
  return [...new Set(outputs)];
}
