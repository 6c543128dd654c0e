/** Child process: the simplest service there is. It decodes pictures and runs the model on its own thread. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import Fastify from 'fastify';
import pLimit from 'p-limit';
import type { EngineItem } from '../../src/inference/engine-types.ts';
import { decodePicture } from '../../src/preprocess/image/decode-image.ts';
import { loadServedModel } from '../bench-models.ts';
import { sendReady } from '../runner/child-processes.ts';
import { EVENT_LOOP_P99 } from '../runner/service.ts';

const LOOP_RESOLUTION_MS = 5;
const NANOSECONDS = 1e9;

export interface PlainServerReady {
  readonly address: string;
}

const { config, model, runtime } = await loadServedModel();
// Runs that start together would also end together, and block the event loop for all of them at once.
const oneAtATime = pLimit(1);
const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
loop.enable();

const app = Fastify();
app.addContentTypeParser('image/jpeg', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
app.get('/health/live', async () => ({ status: 'live' }));
app.get('/metrics', async () => {
  // Node's figure includes the timer's own period; the service subtracts it too.
  const seconds = loop.percentile(99) / NANOSECONDS - LOOP_RESOLUTION_MS / 1000;
  loop.reset();
  return `${EVENT_LOOP_P99} ${Math.max(0, seconds)}\n`;
});
app.post('/v1/embeddings/image', async ({ body }) => {
  const pixels = await decodePicture(body as Buffer, model.spec.vision, config);
  const panel: EngineItem = { pixels, tokens: null, composition: null, outputs: ['fused'] };
  const [result] = await oneAtATime(() => runtime.run([panel]));
  return { object: 'list', data: [{ embedding: Array.from(result?.vectors.fused ?? []) }] };
});

process.on('disconnect', () => process.exit(0));
sendReady({ address: await app.listen({ host: config.host, port: config.port }) } satisfies PlainServerReady);
