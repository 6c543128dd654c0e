import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Output } from '../../../inference/engine-types.ts';
import type { Services } from '../../../services.ts';
import { withOpenInferenceErrors } from '../../openapi.ts';
import { clientDisconnectSignal } from '../../plugins/client-disconnect.ts';
import { JSON_LENGTH_HEADER, readInferBody } from './infer-body.ts';
import { buildInferResponse } from './infer-response.ts';
import { inferRequestSchema, inferResponseSchema } from './infer-schemas.ts';
import { readTensors } from './input-tensors.ts';
import { findModelByParams, modelPathSchema, modelPaths } from './model-path.ts';
import { describeInputTensors, type OutputName } from './model-tensors.ts';
import { resolveOutputs } from './requested-outputs.ts';
import { toPanels } from './tensor-panels.ts';

const OCTET_STREAM = 'application/octet-stream';

/** Raw tensors through a model: for callers that prepare images and token ids themselves. */
export function inferRoute({ models, embedder, config }: Services): FastifyPluginAsync {
  return async (app) => {
    // Here JSON may have binary tensors behind it, and clients that send those may name no media type at all.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body));

    for (const url of modelPaths('/infer')) {
      app.post(url, {
        schema: {
          summary: 'Infer from raw tensors',
          description: 'JSON, or JSON of Inference-Header-Content-Length bytes and binary tensors behind it.',
          tags: ['open inference'],
          params: modelPathSchema,
          bodies: { 'application/json': inferRequestSchema, [OCTET_STREAM]: 'binary' },
          alsoProduces: [OCTET_STREAM],
          response: withOpenInferenceErrors({ 200: inferResponseSchema }),
        },
        handler: infer,
      });
    }
  };

  async function infer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { model, tokenizer } = findModelByParams(models, request.params);
    const body = readInferBody(request, config);
    const tensors = readTensors(body, describeInputTensors(model), config.maxItems);
    const outputs = resolveOutputs(model, tensors, body.request.outputs);
    const panels = toPanels(model, tensors);
    const requiredOutputs = requiredEngineOutputs(outputs.map(({ name }) => name));
    const results = await embedder.inferPrepared(
      { model, tokenizer },
      panels,
      requiredOutputs,
      clientDisconnectSignal(reply),
    );
    const { json, binary } = buildInferResponse(model, body.request, outputs, results);
    if (binary.length === 0) return reply.send(json);
    const jsonBytes = Buffer.from(JSON.stringify(json));
    return reply
      .header(JSON_LENGTH_HEADER, jsonBytes.byteLength)
      .type(OCTET_STREAM)
      .send(Buffer.concat([jsonBytes, ...binary]));
  }
}

/** The vectors that must be computed: shares come with the vector that they make. */
function requiredEngineOutputs(names: readonly OutputName[]): Output[] {
  const outputs = names.map((name) =>
    name === 'gate_weights' ? 'fused' : name === 'backbone_weights' ? 'vision' : name,
  );
  return [...new Set(outputs)];
}
