import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, statSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { DiskFeatureCache } from '../../src/feature-cache/feature-cache.ts';
import { equalBytes, testFeatures, testKey, WIDTH } from './test-features.ts';

const MIB = 1024 ** 2;
const PROCESSES = 4;
const run = promisify(execFile);
const program = (name: string) => path.join(import.meta.dirname, name);

let root: string;
before(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'panelvec-features-many-'));
});
after(() => rm(root, { recursive: true, force: true }));

async function runCacheUsers(folder: string, maxBytes: number, records: number, rounds: number) {
  const outputs = await Promise.all(
    Array.from({ length: PROCESSES }, (_, index) => {
      const numbers = [maxBytes, (index * records) / 2, records, rounds].map(String);
      return run(process.execPath, [program('cache-user-process.ts'), folder, ...numbers]);
    }),
  );
  return outputs.map(({ stdout }) => JSON.parse(stdout));
}

/** Counts the records that are there, and fails for one that is not what was put. */
function countCorrect(cache: DiskFeatureCache, numbers: number): number {
  let correct = 0;
  for (let number = 0; number < numbers; number++) {
    const found = cache.get(testKey(number), WIDTH);
    if (found === undefined) continue;
    assert.ok(equalBytes(found, testFeatures(number)), `record ${number}`);
    correct++;
  }
  return correct;
}

describe('a cache that several processes use at once', () => {
  it('has everything that any of them put', async () => {
    const folder = path.join(root, 'roomy');
    for (const { wrong, warnings, stats } of await runCacheUsers(folder, 64 * MIB, 800, 3)) {
      assert.deepEqual([wrong, warnings, stats.damaged, stats.dropped], [0, [], 0, 0]);
      assert.ok(stats.hits >= 2 * 800);
    }
    const cache = await DiskFeatureCache.open({ folder, maxBytes: 64 * MIB });
    assert.equal(countCorrect(cache, 5000), 800 + ((PROCESSES - 1) * 800) / 2);
    await cache.close();
  });

  it('stays within its limit where all of them put more than fits', async () => {
    const folder = path.join(root, 'narrow');
    for (const { wrong, warnings, stats } of await runCacheUsers(folder, 2 * MIB, 4000, 1)) {
      assert.deepEqual([wrong, warnings, stats.damaged, stats.dropped], [0, [], 0, 0]);
      assert.ok(stats.bytes <= 2 * MIB);
    }
    // All of them would be 40 MB.
    assert.ok(statSync(path.join(folder, 'sqlite', '1.sqlite')).size <= 2 * 2 * MIB);
    const cache = await DiskFeatureCache.open({ folder, maxBytes: 2 * MIB });
    assert.ok(countCorrect(cache, 12_000) > 200);
    assert.equal(cache.stats().damaged, 0);
    await cache.close();
  });

  it('is recreated once where all of them find it damaged', async () => {
    const folder = path.join(root, 'damaged');
    mkdirSync(path.join(folder, 'sqlite'), { recursive: true });
    await writeFile(path.join(folder, 'sqlite', '1.sqlite'), Buffer.alloc(50_000, 'garbage'));
    for (const { wrong, stats } of await runCacheUsers(folder, 64 * MIB, 200, 2)) {
      assert.deepEqual([wrong, stats.damaged, stats.dropped], [0, 0, 0]);
    }
    assert.deepEqual(await readdir(folder), ['sqlite']);
    const cache = await DiskFeatureCache.open({ folder, maxBytes: 64 * MIB });
    assert.equal(countCorrect(cache, 1000), 200 + ((PROCESSES - 1) * 200) / 2, 'all of them have the same store');
    await cache.close();
  });
});

describe('a cache whose writer is killed', () => {
  it('has only correct records, all that were flushed, and takes more', async () => {
    const folder = path.join(root, 'killed');
    const warnings: string[] = [];
    const open = () =>
      DiskFeatureCache.open({
        folder,
        maxBytes: 64 * MIB,
        log: { info: () => {}, warn: (text) => warnings.push(text) },
      });
    // Open all the time, as a service would have it.
    const otherCache = await open();
    let flushed = 0;
    for (let round = 1; round <= 10; round++) {
      const first = flushed + 1;
      const child = spawn(process.execPath, [program('cache-writer-process.ts'), folder, `${64 * MIB}`, `${first}`]);
      const closed = once(child, 'close');
      let lineCount = 0;
      for await (const line of createInterface(child.stdout)) {
        flushed = Number(line);
        // At once, or in the middle of what comes next.
        if (++lineCount === 1 + (round % 3)) child.kill('SIGKILL');
      }
      assert.deepEqual(await closed, [null, 'SIGKILL']);
      const cache = await open();
      for (let number = first; number <= flushed; number++) {
        assert.ok(equalBytes(cache.get(testKey(number), WIDTH)!, testFeatures(number)), `record ${number}`);
      }
      assert.ok(countCorrect(cache, flushed + 100) >= flushed);
      assert.equal(cache.stats().damaged, 0);
      await cache.close();
      otherCache.put(testKey(0), testFeatures(round));
      await otherCache.flush();
      assert.deepEqual(otherCache.get(testKey(0), WIDTH), testFeatures(round));
      otherCache.put(testKey(0), testFeatures(0));
      await otherCache.flush();
    }
    await otherCache.close();
    assert.deepEqual(warnings, []);
  });
});
