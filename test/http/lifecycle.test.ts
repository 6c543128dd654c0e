import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import { errorAnswerSchema } from '../../src/http/error-answer.ts';
import { pngPanel } from '../support/images.ts';
import { isAlive, type ServiceProcess, spawnService } from '../support/service-process.ts';
import { startService } from '../support/services.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { waitFor } from '../support/wait.ts';

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let png: Buffer;
before(async () => {
  tiny = await makeTinyModel();
  png = await pngPanel(1);
});
after(() => tiny.remove());

const environment = (more: Record<string, string> = {}) => ({
  PANELVEC_HOME: tiny.home,
  PANELVEC_MODELS: 'tiny',
  ...more,
});

/** Engine processes of an api process. */
function enginesOf({ child }: ServiceProcess): number[] {
  const lines = execFileSync('ps', ['-o', 'pid=', '--ppid', String(child.pid)], { encoding: 'utf8' }).trim();
  return lines.split('\n').map(Number);
}

async function withProcess(
  use: (service: ServiceProcess) => Promise<void>,
  more: Record<string, string> = {},
): Promise<void> {
  const service = await spawnService(environment(more));
  try {
    await use(service);
  } finally {
    service.child.kill('SIGKILL');
    await service.ended;
  }
}

const sendImage = (address: string) =>
  request(address).post('/v1/embeddings/image').set('content-type', 'image/png').send(png);

describe('a running service', () => {
  it('answers every accepted request although its engine is killed, and is ready again by itself', () =>
    withProcess(async (service) => {
      const expected = (await sendImage(service.address).expect(200)).body;
      const [engine] = enginesOf(service);
      const answers = Promise.all(Array.from({ length: 60 }, () => sendImage(service.address)));
      process.kill(engine!, 'SIGKILL');
      for (const { status, body } of await answers) {
        assert.equal(status, 200, JSON.stringify(body));
        assert.deepEqual(body, expected);
      }
      await waitFor('readiness', async () => (await request(service.address).get('/health/ready')).status === 200);
      const [replacement] = enginesOf(service);
      assert.notEqual(replacement, engine);
      const { text } = await request(service.address).get('/metrics');
      assert.match(text, /panelvec_engine_restarts_total\{device="0"\} 1/);
    }));

  it('on SIGTERM answers what it accepted, refuses what comes later, and ends with code 0 and no engine left', () =>
    withProcess(async (service) => {
      const engines = enginesOf(service);
      // The engine stands still, so that requests are certainly in work when the signal comes.
      for (const pid of engines) process.kill(pid, 'SIGSTOP');
      const accepted = Promise.all(Array.from({ length: 5 }, () => sendImage(service.address)));
      await waitFor('requests in work', async () =>
        /panelvec_items_in_work 5/.test((await request(service.address).get('/metrics')).text),
      );
      service.child.kill('SIGTERM');
      await waitFor('the door to close', () =>
        request(service.address)
          .get('/health/live')
          .then(
            ({ status }) => status === 503,
            () => true,
          ),
      );
      for (const pid of engines) process.kill(pid, 'SIGCONT');
      assert.deepEqual(
        (await accepted).map(({ status }) => status),
        Array(5).fill(200),
      );
      assert.deepEqual(await service.ended, [0, null]);
      assert.deepEqual(engines.filter(isAlive), []);
    }));

  it('leaves no engine behind when it is killed itself', () =>
    withProcess(
      async (service) => {
        const engines = enginesOf(service);
        assert.equal(engines.length, 2);
        service.child.kill('SIGKILL');
        await waitFor('the engines to end', () => engines.every((pid) => !isAlive(pid)));
      },
      { PANELVEC_DEVICES: '0,1' },
    ));
});

describe('a full house', () => {
  it('answers 429 with Retry-After, and those let in are answered', async () => {
    const service = await startService(environment({ PANELVEC_MAX_QUEUE_ITEMS: '4' }));
    try {
      const answers = await Promise.all(Array.from({ length: 40 }, () => sendImage(service.address)));
      const full = answers.filter(({ status }) => status === 429);
      const answered = answers.filter(({ status }) => status === 200);
      assert.equal(full.length + answered.length, 40);
      assert.ok(full.length > 0 && answered.length >= 4, `${full.length} refused, ${answered.length} answered`);
      for (const { headers, body } of full) {
        assert.equal(errorAnswerSchema.parse(body).error.code, 'queue_full');
        assert.ok(Number(headers['retry-after']) > 0);
      }
      assert.equal(service.services.embedder.admission.inWork, 0);
    } finally {
      await service.close();
    }
  });
});

describe('readiness', () => {
  it('is lost with an engine and comes back with its replacement', async () => {
    const service = await startService(environment());
    try {
      const { pool } = service.services;
      process.kill(pool.engines[0]!.pid!, 'SIGKILL');
      const lost = await waitFor('503', async () => {
        const answer = await request(service.address).get('/health/ready');
        return answer.status === 503 ? answer.body : undefined;
      });
      assert.deepEqual(lost, { status: 'starting', engines: [{ device: 0, warm: false }] });
      await request(service.address).get('/health/live').expect(200, { status: 'live' });
      await waitFor('200', async () => (await request(service.address).get('/health/ready')).status === 200);
    } finally {
      await service.close();
    }
  });
});
