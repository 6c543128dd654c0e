import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import type { RunningService } from '../../src/http/server.ts';
import { readSafetensors } from '../../src/weights/safetensors-reader.ts';
import { damageMemory } from '../support/damage-memory.ts';
import { startService } from '../support/in-process-service.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { waitFor } from '../support/wait-for.ts';

const isLinux = process.platform === 'linux';

describe('engines whose weights change in memory', { skip: !isLinux && 'needs /proc' }, () => {
  let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
  let service: RunningService;
  before(async () => {
    tiny = await makeTinyModel();
    service = await startService({
      PANELVEC_HOME: tiny.home,
      PANELVEC_MODELS: tiny.name,
      PANELVEC_ENGINES: '2',
      PANELVEC_DRIFT_CHECK_SECONDS: '0.3',
    });
  });
  after(async () => {
    await service.close();
    await tiny.remove();
  });

  const readiness = () => request(service.address).get('/health/ready');
  const cosine = async () => {
    const { text } = await request(service.address).get('/metrics');
    return Number(/panelvec_golden_cosine\{model="tiny@1",device="0",engine="1"\} (\S+)/.exec(text)?.[1]);
  };
  const embed = async () => {
    const response = await request(service.address).post('/v1/embeddings').send({ input: 'a cat' }).expect(200);
    return response.body.data[0].embedding;
  };
  const pids = () => service.services.pool.engines.map(({ pid }) => pid ?? 0);

  /** Overwrites all weights of the head that the second engine has as they are in the file. */
  async function damageHead(value: number): Promise<void> {
    const { tensors } = await readSafetensors(path.join(tiny.folder, 'head.safetensors'));
    const vectors = [...tensors.values()].filter(
      ({ bytes, shape }) => shape.length === 1 && bytes.length >= 32 && new Set(bytes).size > 8,
    );
    const damages = vectors.map(({ bytes }) => ({
      contents: bytes,
      damaged: new Uint8Array(new Float32Array(bytes.length / 4).fill(value).buffer),
    }));
    const copies = await damageMemory(pids()[1] ?? 0, damages);
    assert.ok(copies > 0, 'no weight was found in the memory of the engine');
  }

  for (const [name, value, expectedCosine, message] of [
    ['other vectors', 3, (cosine: number) => cosine < 0.999, /the cosine to a golden vector is /],
    ['numbers that are not finite', Number.NaN, (cosine: number) => cosine === -1, /numbers that are not finite/],
  ] as const) {
    it(`fail readiness with ${name}, and are replaced`, async () => {
      await waitFor('the first check', async () => (await cosine()) > 0.999999);
      assert.equal((await readiness()).status, 200);
      const expected = await embed();
      const [soundPid, damagedPid] = pids();
      const seen: { status: number; problems: string[]; cosine: number }[] = [];
      await damageHead(value);
      await waitFor('a failed readiness', async () => {
        const { status, body } = await readiness();
        seen.push({ status, problems: body.problems, cosine: await cosine() });
        return status === 503 && body.problems.length > 0;
      });
      const { problems = [], cosine: measured = Number.NaN } = seen.at(-1) ?? {};
      assert.match(problems.join(), /^engine 1 on device 0 of model tiny@1: /);
      assert.match(problems.join(), message);
      assert.ok(expectedCosine(measured), `${measured}`);
      await waitFor('readiness', async () => (await readiness()).status === 200);
      assert.equal(pids()[0], soundPid);
      assert.notEqual(pids()[1], damagedPid);
      assert.deepEqual(await embed(), expected);
      assert.deepEqual((await readiness()).body.problems, []);
    });
  }
});
