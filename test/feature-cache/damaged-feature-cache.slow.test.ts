import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { FeatureStore } from '../../src/feature-cache/feature-store.ts';
import {
  dataFile,
  infos,
  MIB,
  newFolder,
  openCache,
  putAll,
  range,
  readRecord,
  warnings,
  withDatabase,
  writeRecord,
} from './cache-fixture.ts';
import { testFeatures, testKey, WIDTH } from './test-features.ts';

describe('a record that is damaged', () => {
  const damageCases: [string, (value: Buffer) => Buffer][] = [
    ['changed in its magic', (value) => flipBit(value, 0)],
    ['changed in its length', (value) => flipBit(value, 4)],
    ['changed in its checksum', (value) => flipBit(value, 9)],
    ['changed in its payload', (value) => flipBit(value, value.length - 1)],
    ['cut short', (value) => value.subarray(0, -4)],
    ['cut to nothing', () => Buffer.alloc(0)],
    ['cut in its header', (value) => value.subarray(0, 5)],
    ['of another width', (value) => Buffer.concat([value, Buffer.alloc(4)])],
  ];
  for (const [name, damage] of damageCases) {
    it(`is a miss, is counted and is removed: ${name}`, async () => {
      const folder = newFolder();
      const firstCache = await openCache({ folder });
      await putAll(firstCache, [1, 2]);
      await firstCache.close();
      withDatabase(folder, (database) => writeRecord(database, testKey(1), damage(readRecord(database, testKey(1)))));

      const cache = await openCache({ folder });
      assert.equal(cache.get(testKey(1), WIDTH), undefined);
      assert.deepEqual(cache.get(testKey(2), WIDTH), testFeatures(2));
      await cache.flush();
      const { bytes: _, ...stats } = cache.stats();
      assert.deepEqual(stats, { hits: 1, misses: 1, damaged: 1, dropped: 0, records: 1 });
      await putAll(cache, [1]);
      assert.deepEqual(cache.get(testKey(1), WIDTH), testFeatures(1));
    });
  }

  it('is not returned under another key, and does not remove the other record', async () => {
    const folder = newFolder();
    const firstCache = await openCache({ folder });
    await putAll(firstCache, [1, 2]);
    await firstCache.close();
    withDatabase(folder, (database) => writeRecord(database, testKey(1), readRecord(database, testKey(2))));
    const cache = await openCache({ folder });
    assert.equal(cache.get(testKey(1), WIDTH), undefined);
    await cache.flush();
    assert.deepEqual(cache.get(testKey(2), WIDTH), testFeatures(2));
    assert.equal(cache.stats().records, 1);
    await putAll(cache, [1]);
    assert.deepEqual(cache.get(testKey(1), WIDTH), testFeatures(1));
    assert.deepEqual(cache.get(testKey(2), WIDTH), testFeatures(2));
  });

  it('is not removed where another process has put a good one meanwhile', async () => {
    const folder = newFolder();
    const firstCache = await openCache({ folder });
    await putAll(firstCache, [1]);
    await firstCache.close();
    const store = new FeatureStore(dataFile(folder), 8 * MIB, 'writer');
    const found = store.get(testKey(1));
    assert.ok(found);
    store.write([{ kind: 'put', key: testKey(1), record: found.record }]);
    store.write([{ kind: 'remove', key: testKey(1), age: found.age }]);
    const newer = store.get(testKey(1));
    assert.deepEqual(newer?.record, found.record);
    store.write([{ kind: 'remove', key: testKey(1), age: newer?.age ?? 0 }]);
    assert.deepEqual([store.get(testKey(1)), store.count()], [undefined, 0]);
    store.close();
  });

  function flipBit(value: Buffer, offset: number): Buffer {
    const copy = Buffer.from(value);
    copy[offset]! ^= 0x20;
    return copy;
  }
});

describe('a cache whose file is damaged', () => {
  const damageCases: [string, (file: string) => Promise<unknown>][] = [
    ['garbage', (file) => writeFile(file, Buffer.alloc(100_000, 'garbage'))],
    ['a few bytes', (file) => writeFile(file, 'few')],
    ['cut in half', (file) => truncate(file, Math.floor(statSync(file).size / 2))],
    ['cut by a page', (file) => truncate(file, statSync(file).size - 4096)],
    // PRAGMA user_version is at byte 60 of the file.
    ['of another version', async (file) => writeFile(file, (await readFile(file)).fill(0xfe, 60, 64))],
  ];
  for (const [name, damage] of damageCases) {
    it(`is recreated with a warning: ${name}`, async () => {
      const folder = newFolder();
      const firstCache = await openCache({ folder });
      await putAll(firstCache, range(0, 300));
      await firstCache.close();
      await damage(dataFile(folder));

      const cache = await openCache({ folder });
      assert.equal(warnings.length, 1);
      assert.match(warnings[0]!, /starts anew/);
      assert.equal(cache.get(testKey(1), WIDTH), undefined);
      await putAll(cache, [1]);
      assert.deepEqual(cache.get(testKey(1), WIDTH), testFeatures(1));
      assert.deepEqual(await readdir(folder), ['sqlite']);
    });
  }

  it('is used without a warning where its file is empty, and removes what another process has moved aside', async () => {
    const folder = newFolder();
    await mkdir(path.join(folder, 'sqlite'), { recursive: true });
    await writeFile(dataFile(folder), '');
    await mkdir(path.join(folder, 'aside-of-a-killed-process', 'inside'), { recursive: true });
    const cache = await openCache({ folder });
    await putAll(cache, [1]);
    assert.deepEqual(cache.get(testKey(1), WIDTH), testFeatures(1));
    assert.deepEqual([await readdir(folder), warnings], [['sqlite'], []]);
  });

  it('removes the store of a version that used LMDB, and says so', async () => {
    const folder = newFolder();
    await mkdir(path.join(folder, 'lmdb'), { recursive: true });
    await writeFile(path.join(folder, 'lmdb', 'data.mdb'), Buffer.alloc(50_000, 1));
    const cache = await openCache({ folder });
    await putAll(cache, [1]);
    assert.deepEqual(cache.get(testKey(1), WIDTH), testFeatures(1));
    assert.deepEqual([await readdir(folder), warnings, infos.length], [['sqlite'], [], 1]);
    assert.match(infos[0] ?? '', /starts empty.*\(lmdb\)/);
  });

  it('is not written any more by a process that had it open when another replaced it', async () => {
    const folder = newFolder();
    const former = await openCache({ folder });
    await writeFile(path.join(folder, 'sqlite', '2.sqlite'), '');
    const cache = await openCache({ folder });
    await putAll(cache, [1]);
    await putAll(former, [2]);
    assert.match(warnings[0] ?? '', /nothing more is put into the cache/);
    assert.equal(former.get(testKey(2), WIDTH), undefined);
    assert.equal((await readdir(path.join(folder, 'sqlite'))).filter((name) => name.startsWith('1.')).length, 0);
    assert.deepEqual(cache.get(testKey(1), WIDTH), testFeatures(1));
  });

  it('is recreated where its limit is now far smaller', async () => {
    const folder = newFolder();
    const firstCache = await openCache({ folder, maxBytes: 256 * MIB });
    for (let start = 0; start < 7000; start += 500) await putAll(firstCache, range(start, start + 500), 2816);
    assert.equal(firstCache.stats().records, 7000);
    await firstCache.close();
    const cache = await openCache({ folder, maxBytes: MIB });
    assert.match(warnings[0]!, /1048576 are allowed/);
    assert.ok(statSync(dataFile(folder)).size < MIB);
    await putAll(cache, [1]);
    assert.deepEqual(cache.get(testKey(1), WIDTH), testFeatures(1));
  });
});
