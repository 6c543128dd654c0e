import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import { errorResponseSchema } from '../../src/http/error-response.ts';
import { isProcessRunning } from '../../src/util/is-process-running.ts';
import { drawPngPanel } from '../support/images.ts';
import { startService } from '../support/in-process-service.ts';
import { type ServiceProcess, spawnService } from '../support/service-process.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { waitFor } from '../support/wait-for.ts';

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let png: Buffer;
before(async () => {
  tiny = await makeTinyModel();
  png = await drawPngPanel(1);
});
after(() => tiny.remove());

const environment = (extraVariables: Record<string, string> = {}) => ({
  PANELVEC_HOME: tiny.home,
  PANELVEC_MODELS: 'tiny',
  ...extraVariables,
});

/** Engine processes of an api process. */
function enginePids({ child }: ServiceProcess): number[] {
  const lines = execFileSync('ps', ['-o', 'pid=', '--ppid', String(child.pid)], { encoding: 'utf8' }).trim();
  return lines.split('\n').map(Number);
}

async function withProcess(
  use: (service: ServiceProcess) => Promise<void>,
  extraVariables: Record<string, string> = {},
): Promise<void> {
  const service = await spawnService(environment(extraVariables));
  try {
    await use(service);
  } finally {
    service.child.kill('SIGKILL');
    await service.exited;
  }
}

const sendImage = (address: string) =>
  request(address).post('/v1/embeddings/image').set('content-type', 'image/png').send(png);

describe('a running service', () => {
  it('responds to every accepted request although its engine is killed, and becomes ready again by itself', () =>
    withProcess(async (service) => {
      const expected = (await sendImage(service.address).expect(200)).body;
      const [engine] = enginePids(service);
      const responses = Promise.all(Array.from({ length: 60 }, () => sendImage(service.address)));
      process.kill(engine!, 'SIGKILL');
      for (const { status, body } of await responses) {
        assert.equal(status, 200, JSON.stringify(body));
        assert.deepEqual(body, expected);
      }
      await waitFor('readiness', async () => (await request(service.address).get('/health/ready')).status === 200);
      const [replacement] = enginePids(service);
      assert.notEqual(replacement, engine);
      const { text } = await request(service.address).get('/metrics');
      assert.match(text, /panelvec_engine_restarts_total\{model="tiny@1",device="0",engine="0"\} 1/);
    }));

  it('on SIGTERM completes accepted requests, refuses later ones, and exits with code 0 and no engine left', () =>
    withProcess(async (service) => {
      const engines = enginePids(service);
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
      assert.deepEqual(await service.exited, [0, null]);
      assert.deepEqual(engines.filter(isProcessRunning), []);
    }));

  it('on SIGTERM closes connections that are idle, that never sent a request, and that never finish one', () =>
    withProcess(
      async (service) => {
        const { port, hostname } = new URL(service.address);
        const agent = new Agent({ keepAlive: true });
        await new Promise((resolve, reject) => {
          get(`${service.address}/health/live`, { agent }, (response) => response.resume().on('end', resolve)).on(
            'error',
            reject,
          );
        });
        const silent = connect(Number(port), hostname);
        const slow = connect(Number(port), hostname, () => {
          slow.write(
            'POST /v1/embeddings/text HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
          );
        });
        for (const socket of [silent, slow]) socket.on('error', () => {});
        await Promise.all([once(silent, 'connect'), once(slow, 'connect')]);
        service.child.kill('SIGTERM');
        assert.deepEqual(await service.exited, [0, null]);
        agent.destroy();
      },
      { PANELVEC_REQUEST_TIMEOUT_SECONDS: '1' },
    ));

  it('ignores a second SIGTERM', () =>
    withProcess(async (service) => {
      const [engine] = enginePids(service);
      process.kill(engine!, 'SIGSTOP');
      const accepted = sendImage(service.address);
      const status = accepted.then(({ status }) => status);
      await waitFor('a request in work', async () =>
        /panelvec_items_in_work 1/.test((await request(service.address).get('/metrics')).text),
      );
      service.child.kill('SIGTERM');
      service.child.kill('SIGINT');
      process.kill(engine!, 'SIGCONT');
      assert.equal(await status, 200);
      assert.deepEqual(await service.exited, [0, null]);
    }));

  it('leaves no engine behind when it is killed itself', () =>
    withProcess(
      async (service) => {
        const engines = enginePids(service);
        assert.equal(engines.length, 2);
        service.child.kill('SIGKILL');
        await waitFor('the engines to end', () => engines.every((pid) => !isProcessRunning(pid)));
      },
      { PANELVEC_DEVICES: '0,1' },
    ));
});

describe('a full queue', () => {
  it('refuses requests with 429 and Retry-After, and completes the accepted ones', async () => {
    const service = await startService(environment({ PANELVEC_MAX_QUEUE_ITEMS: '4' }));
    try {
      const responses = await Promise.all(Array.from({ length: 40 }, () => sendImage(service.address)));
      const refused = responses.filter(({ status }) => status === 429);
      const answered = responses.filter(({ status }) => status === 200);
      assert.equal(refused.length + answered.length, 40);
      assert.ok(refused.length > 0 && answered.length >= 4, `${refused.length} refused, ${answered.length} answered`);
      for (const { headers, body } of refused) {
        assert.equal(errorResponseSchema.parse(body).error.code, 'queue_full');
        assert.ok(Number(headers['retry-after']) > 0);
      }
      assert.equal(service.services.embedder.admission.inFlight, 0);
    } finally {
      await service.close();
    }
  });
});

describe('a long list of texts in work', () => {
  const texts = (count: number) => Array.from({ length: count }, (_, i) => `text ${i % 9}`);
  const sendTexts = (address: string, count: number) =>
    request(address)
      .post('/v1/embeddings')
      .send({ input: texts(count) });

  it('takes no room from requests of panels, nor they from it', async () => {
    const service = await startService(
      environment({ PANELVEC_MAX_QUEUE_ITEMS: '1', PANELVEC_MAX_QUEUE_TEXTS: '2048' }),
    );
    const { embedder } = service.services;
    try {
      const list = sendTexts(service.address, 2048).then(({ status }) => status);
      await waitFor('the texts in work', () => embedder.textAdmission.inFlight === 2048);
      assert.equal((await sendImage(service.address)).status, 200);
      assert.ok(embedder.textAdmission.inFlight > 0, 'the picture came first');
      assert.equal((await sendTexts(service.address, 1)).status, 429);
      assert.equal(await list, 200);
      const release = embedder.admission.reserve(1);
      assert.equal((await sendImage(service.address)).status, 429);
      assert.equal((await sendTexts(service.address, 1)).status, 200);
      release();
      assert.deepEqual([embedder.admission.inFlight, embedder.textAdmission.inFlight], [0, 0]);
    } finally {
      await service.close();
    }
  });

  it('holds a few of its texts at a time in the queue of the engines', async () => {
    const service = await startService(environment({}));
    const { pool } = service.services;
    try {
      let longest = 0;
      const timer = setInterval(() => {
        longest = Math.max(longest, pool.queueLength);
      }, 1);
      assert.equal((await sendTexts(service.address, 2048)).status, 200);
      clearInterval(timer);
      assert.ok(longest <= pool.capacity, `${longest} waited`);
    } finally {
      await service.close();
    }
  });
});

describe('work that goes on after its request has failed', () => {
  it('leaves the queue empty, so that the next request succeeds', async () => {
    const service = await startService(
      environment({ PANELVEC_MAX_QUEUE_ITEMS: '8', PANELVEC_MAX_TEXT_CHARACTERS: '900' }),
    );
    try {
      const texts = Array.from({ length: 7 }, (_, i) => `${i} ${'some words '.repeat(50)}`);
      const body = { input: [...texts.map((text) => ({ text })), { image: 'data:image/png;base64,AAAA' }] };
      for (let i = 0; i < 30; i++) {
        const { status } = await request(service.address).post('/v1/embeddings/panel').send(body);
        assert.equal(status, 415);
        assert.deepEqual([service.services.pool.queueLength, service.services.embedder.admission.inFlight], [0, 0]);
      }
      await request(service.address).post('/v1/embeddings/text').send({ input: texts }).expect(200);
    } finally {
      await service.close();
    }
  });

  it('counts a page without panels, which is decoded too', async () => {
    const service = await startService(environment({ PANELVEC_MAX_QUEUE_ITEMS: '2' }));
    try {
      const page = () =>
        request(service.address)
          .post('/v1/embeddings/page')
          .attach('image', png, 'a.png')
          .field('request', '{"panels":[]}');
      const statuses = await Promise.all(Array.from({ length: 20 }, () => page().then(({ status }) => status)));
      assert.ok(statuses.includes(429) && statuses.includes(200), `${statuses}`);
    } finally {
      await service.close();
    }
  });
});

describe('readiness', () => {
  for (const path of ['/v2/health/ready', '/v2/models/tiny/ready']) {
    it(`is lost and regained at ${path} too`, async () => {
      const service = await startService(environment());
      try {
        process.kill(service.services.pool.engines[0]!.pid!, 'SIGKILL');
        for (const [status, ready] of [
          [503, false],
          [200, true],
        ] as const) {
          const { body } = await waitFor(`${status}`, async () => {
            const response = await request(service.address).get(path);
            return response.status === status ? response : undefined;
          });
          assert.equal(body.ready, ready);
        }
      } finally {
        await service.close();
      }
    });
  }

  it('is lost with an engine and regained with its replacement', async () => {
    const service = await startService(environment());
    try {
      const { pool } = service.services;
      process.kill(pool.engines[0]!.pid!, 'SIGKILL');
      const lost = await waitFor('503', async () => {
        const response = await request(service.address).get('/health/ready');
        return response.status === 503 ? response.body : undefined;
      });
      assert.deepEqual(lost, { status: 'starting', engines: [{ device: 0, index: 0, warm: false }], problems: [] });
      await request(service.address).get('/health/live').expect(200, { status: 'live' });
      await waitFor('200', async () => (await request(service.address).get('/health/ready')).status === 200);
    } finally {
      await service.close();
    }
  });
});

describe('a service that cannot listen', () => {
  it('names its settings', { timeout: 60_000 }, async () => {
    for (const [host, reason] of [
      ['no.such.invalid', /HOST=no\.such\.invalid and PORT=0: .*ENOTFOUND/],
      ['192.0.2.1', /HOST=192\.0\.2\.1 and PORT=0: .*EADDRNOTAVAIL/],
    ] as const) {
      const settings = { ...environment(), HOST: host, PANELVEC_ALLOW_ANONYMOUS: '1' };
      await assert.rejects(() => startService(settings), reason);
    }
  });
});
