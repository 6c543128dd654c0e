import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import { drawPngPanel, toDataUri } from '../support/images.ts';
import { findChildPids } from '../support/job-service-process.ts';
import { mulberry32 } from '../support/mulberry32.ts';
import { testSeed } from '../support/seed.ts';
import { type ServiceProcess, spawnService } from '../support/service-process.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { waitFor } from '../support/wait-for.ts';
import { ENGINE_TIMEOUT_MS, killEngine } from '../support/with-pool.ts';

const KILLS = 24;
const CLIENTS = 12;

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: ServiceProcess;
before(async () => {
  // Engines shall be at work whenever one is killed.
  tiny = await makeTinyModel({ isSlow: true });
  service = await spawnService({
    PANELVEC_HOME: tiny.home,
    PANELVEC_MODELS: 'tiny',
    PANELVEC_ENGINES: '3',
    // A busy machine must not decide which requests are refused.
    PANELVEC_QUEUE_TIMEOUT_SECONDS: '600',
    PANELVEC_START_TIMEOUT_SECONDS: '600',
    // Otherwise the engines would have nothing to do.
    PANELVEC_FEATURES_MEMORY_BYTES: '0',
  });
});
after(async () => {
  service?.child.kill('SIGTERM');
  await service?.exited;
  await tiny?.remove();
});

async function embed(input: readonly object[]): Promise<unknown> {
  const { status, body } = await request(service.address)
    .post('/v1/embeddings/panel')
    .send({ input, encoding_format: 'float' });
  assert.equal(status, 200, JSON.stringify(body));
  return body.data;
}

async function readRestarts(): Promise<number> {
  return (await request(service.address).get('/v1/status')).body.totals.engine_restarts;
}

describe('engines that are killed 24 times under load', () => {
  it('lose no request, and change no vector', { timeout: 1_200_000 }, async (t) => {
    const random = mulberry32(testSeed(t));
    const inputs = await Promise.all(
      Array.from({ length: CLIENTS }, async (_, i) => {
        const panel = { text: `who goes there ${'abcdefghijkl'[i]}` };
        const pictures = await Promise.all([1, 2].map((picture) => drawPngPanel(10 * i + picture)));
        return [panel, ...pictures.slice(i % 3).map((picture) => ({ image: toDataUri(picture) }))];
      }),
    );
    const expected = await Promise.all(inputs.map(embed));
    let isOver = false;
    let responses = 0;
    const clients = Promise.all(
      inputs.map(async (input, i) => {
        while (!isOver) {
          assert.deepEqual(await embed(input), expected[i]);
          responses++;
        }
      }),
    ).finally(() => {
      isOver = true;
    });
    clients.catch(() => {});
    for (let kills = 0; kills < KILLS && !isOver; kills++) {
      const minResponses = responses + Math.floor(random() * CLIENTS);
      const pids = await waitFor(
        'engines at work',
        () => {
          const found = findChildPids(service.child.pid ?? 0, 'panelvec-engine');
          return isOver || (responses >= minResponses && found.length > 0) ? found : undefined;
        },
        ENGINE_TIMEOUT_MS,
      );
      if (isOver) break;
      killEngine({ pid: pids[Math.floor(random() * pids.length)] });
      await waitFor('the restart', async () => isOver || (await readRestarts()) > kills, ENGINE_TIMEOUT_MS);
    }
    isOver = true;
    await clients;
    t.diagnostic(`${responses} responses`);
    assert.equal(await readRestarts(), KILLS);
  });
});
