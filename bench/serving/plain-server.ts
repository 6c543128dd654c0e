/**
 * Child process: the simplest service there is. It decodes pictures and runs the model on its own thread. Argument: threads of
 * ONNX Runtime.
 */
import Fastify from 'fastify';
import pLimit from 'p-limit';
import type { EngineItem } from '../../src/inference/engine-types.ts';
import { decodePicture } from '../../src/preprocess/image/decode-image.ts';
import { loadServedModel } from '../bench-models.ts';
import { sendReady } from '../runner/child-processes.ts';

export interface PlainServerReady {
  readonly address: string;
}

const [threads] = process.argv.slice(2);
const { config, model, runtime } = await loadServedModel(Number(threads));
// Runs that start together would also end together, and block the event loop for all of them at once.
const oneAtATime = pLimit(1);

const app = Fastify();
app.addContentTypeParser('image/jpeg', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
app.get('/health/live', async () => ({ status: 'live' }));
app.post('/v1/embeddings/image', async ({ body }) => {
  const pixels = await decodePicture(body as Buffer, model.spec.vision, config);
  const panel: EngineItem = { pixels, tokens: null, composition: null, outputs: ['fused'] };
  const [result] = await oneAtATime(() => runtime.run([panel]));
  return { object: 'list', data: [{ embedding: Array.from(result?.vectors.fused ?? []) }] };
});

process.on('disconnect', () => process.exit(0));
sendReady({ address: await app.listen({ host: '127.0.0.1', port: 0 }) } satisfies PlainServerReady);
