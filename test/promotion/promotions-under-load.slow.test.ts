import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import { type Ask, activate, createAsks, rollback } from '../support/promotion-service.ts';
import { type ServiceProcess, spawnService } from '../support/service-process.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { waitFor } from '../support/wait-for.ts';

const CHANGES = 50;
/** V8 lets the heap of a young service grow to its working size: from here on it stays what it is, with changes and without. */
const WARM_UP_ANSWERS = 4000;
const WARM_UP_TIMEOUT_MS = 180_000;
const MAX_MEMORY_RATIO = 1.1;

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: ServiceProcess;
before(async () => {
  tiny = await makeTinyModel({ name: 'first' });
  await makeTinyModel({ home: tiny.home, name: 'second', seed: 2 });
  service = await spawnService({
    PANELVEC_HOME: tiny.home,
    PANELVEC_MODELS: 'first',
    PANELVEC_JOBS: 'on',
    PANELVEC_WORKERS: '0',
  });
});
after(async () => {
  service?.child.kill('SIGTERM');
  await service?.exited;
  await tiny?.remove();
});

/** Resident bytes of a process and all below it. */
function treeBytes(root: number): number {
  const lines = execFileSync('ps', ['-e', '-o', 'pid=,ppid=,rss='], { encoding: 'utf8' }).trim().split('\n');
  const rows = lines.map((line) => line.trim().split(/\s+/).map(Number));
  const sum = (pid: number): number =>
    rows.reduce((total, [id = 0, parent, kilobytes = 0]) => {
      if (id === pid) return total + kilobytes * 1024;
      return parent === pid ? total + sum(id) : total;
    }, 0);
  return sum(root);
}

interface Load {
  readonly answers: ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

/** Asks without a pause until it is stopped. Each answer must have the vector of the model that it names. */
function startLoad(
  address: string,
  asks: Readonly<Record<string, Ask>>,
  expected: ReadonlyMap<string, string>,
): Load & { readonly failed: Promise<never> } {
  const answers = new Map<string, number>();
  let isStopped = false;
  const loops = Object.entries(asks).map(async ([kind, ask]) => {
    while (!isStopped) {
      const { model, vector } = await ask(address);
      const key = `${kind} ${model}`;
      assert.equal(vector, expected.get(key), `the vector of a ${key}`);
      answers.set(key, (answers.get(key) ?? 0) + 1);
    }
  });
  const finished = Promise.all(loops);
  return {
    answers,
    failed: new Promise((_, reject) => finished.catch(reject)),
    async stop() {
      isStopped = true;
      await finished;
    },
  };
}

function countAnswers({ answers }: Load): number {
  return [...answers.values()].reduce((sum, count) => sum + count, 0);
}

async function countLoads(): Promise<number> {
  const { text } = await request(service.address).get('/metrics');
  return [...text.matchAll(/^panelvec_model_loads_total\{.*\} (\d+)$/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
}

describe('fifty promotions and rollbacks under a load of texts, pictures and pages', () => {
  it('fail no request, mix no vectors, load no model again, and do not take more and more memory', async (t) => {
    const { address } = service;
    const asks = await createAsks();
    await activate(address, 'second@1');
    const expected = new Map<string, string>();
    for (const [kind, ask] of Object.entries(asks)) {
      for (const model of ['first@1', 'second@1']) expected.set(`${kind} ${model}`, (await ask(address, model)).vector);
      assert.notEqual(expected.get(`${kind} first@1`), expected.get(`${kind} second@1`));
    }
    const loads = await countLoads();
    assert.equal(loads, 2);
    const load = startLoad(address, asks, expected);
    const memory: number[] = [];
    const steps = [
      () => rollback(address),
      () => activate(address, 'second@1'),
      () => activate(address, 'first@1'),
      () => activate(address, 'second@1'),
    ];
    const change = async (i: number) => {
      await steps[i % steps.length]?.();
      await Promise.all(Object.values(asks).map((ask) => ask(address)));
      memory.push(treeBytes(service.child.pid ?? 0));
    };
    const changes = async () => {
      await waitFor('the heap to settle', () => countAnswers(load) >= WARM_UP_ANSWERS, WARM_UP_TIMEOUT_MS);
      for (let i = 0; i < CHANGES; i++) await change(i);
    };
    await Promise.race([changes(), load.failed]);
    await load.stop();

    const kinds = Object.keys(asks).flatMap((kind) => [`${kind} first@1`, `${kind} second@1`]);
    assert.deepEqual([...load.answers.keys()].sort(), kinds.sort());
    assert.equal(await countLoads(), loads);
    const [start, end] = [memory.slice(0, 5), memory.slice(-5)].map((values) => Math.min(...values)) as [
      number,
      number,
    ];
    t.diagnostic(`${JSON.stringify([...load.answers])}; ${start / 2 ** 20} MiB, then ${end / 2 ** 20} MiB`);
    assert.ok(end <= MAX_MEMORY_RATIO * start, `${start} bytes, then ${end}`);
  });
});
