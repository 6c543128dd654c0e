import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Output } from '../../inference/contract.ts';
import type { Services } from '../../services.ts';
import { abandonment } from '../abandonment.ts';
import { withOpenErrors } from '../openapi.ts';
import { inferAnswer } from './infer-answer.ts';
import { HEADER_LENGTH, readInferBody } from './infer-body.ts';
import { inferAnswerSchema, inferRequestSchema } from './infer-schemas.ts';
import { readTensors } from './input-tensors.ts';
import { modelAt, modelPathSchema, modelPaths } from './model-path.ts';
import { inputTensors, type OutputName } from './model-tensors.ts';
import { wantedOutputs } from './output-tensors.ts';
import { panelsOf } from './tensor-panels.ts';

const OCTETS = 'application/octet-stream';

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
          bodies: { 'application/json': inferRequestSchema, [OCTETS]: 'binary' },
          alsoProduces: [OCTETS],
          response: withOpenErrors({ 200: inferAnswerSchema }),
        },
        handler: infer,
      });
    }
  };

  async function infer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { model, tokenizer } = modelAt(models, request.params);
    const body = readInferBody(request, config);
    const tensors = readTensors(body, inputTensors(model), config.maxItems);
    const outputs = wantedOutputs(model, tensors, body.request.outputs);
    const panels = panelsOf(model, tensors);
    const vectors = engineOutputs(outputs.map(({ name }) => name));
    const results = await embedder.prepared({ model, tokenizer }, panels, vectors, abandonment(reply));
    const { json, binary } = inferAnswer(model, body.request, outputs, results);
    if (binary.length === 0) return reply.send(json);
    const head = Buffer.from(JSON.stringify(json));
    return reply
      .header(HEADER_LENGTH, head.byteLength)
      .type(OCTETS)
      .send(Buffer.concat([head, ...binary]));
  }
}

/** The vectors that must be computed: shares come with the vector that they make. */
function engineOutputs(names: readonly OutputName[]): Output[] {
  const vectors = names.map((name) =>
    name === 'gate_weights' ? 'fused' : name === 'backbone_weights' ? 'vision' : name,
  );
  return [...new Set(vectors)];
}
