import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { DISABLED_FEATURE_CACHE, DiskFeatureCache, openFeatureCache } from '../../src/feature-cache/feature-cache.ts';
import {
  dataFile,
  MIB,
  newFolder,
  openCache,
  openCaches,
  program,
  putAll,
  range,
  run,
  warnings,
  withDatabase,
} from './cache-fixture.ts';
import { equalBytes, testFeatures, testKey, WIDTH } from './test-features.ts';

describe('a cache of features', () => {
  it('returns what was put, before it is written, afterwards, and in the next process', async () => {
    const folder = newFolder();
    const cache = await openCache({ folder });
    const features = testFeatures(1);
    cache.put(testKey(1), features);
    features.fill(0);
    assert.deepEqual(cache.get(testKey(1), WIDTH), testFeatures(1));
    assert.equal(cache.get(testKey(2), WIDTH), undefined);
    await cache.flush();
    const returned = cache.get(testKey(1), WIDTH)!;
    assert.deepEqual(returned, testFeatures(1));
    returned.fill(0);
    assert.deepEqual(cache.get(testKey(1), WIDTH), testFeatures(1));
    const { bytes, ...stats } = cache.stats();
    assert.deepEqual(stats, { hits: 3, misses: 1, damaged: 0, dropped: 0, records: 1 });
    assert.ok(bytes > 0);
    await cache.close();
    assert.deepEqual((await openCache({ folder })).get(testKey(1), WIDTH), testFeatures(1));
  });

  it('returns what was put at every moment while much is written', async () => {
    const cache = await openCache();
    for (const number of range(0, 400)) cache.put(testKey(number), testFeatures(number, 2816));
    let flushed = false;
    const flushing = cache.flush().then(() => {
      flushed = true;
    });
    for (let turns = 0; !flushed; turns++) {
      for (const number of [0, 200, 399])
        assert.ok(cache.get(testKey(number), 2816), `record ${number} in turn ${turns}`);
      await new Promise(setImmediate);
    }
    await flushing;
    assert.equal(cache.stats().records, 400);
  });

  it('returns the vector that was put last', async () => {
    const cache = await openCache();
    cache.put(testKey(1), testFeatures(5));
    cache.put(testKey(1), testFeatures(6));
    assert.deepEqual(cache.get(testKey(1), WIDTH), testFeatures(6));
    await cache.flush();
    cache.put(testKey(1), testFeatures(7));
    await cache.flush();
    assert.deepEqual(cache.get(testKey(1), WIDTH), testFeatures(7));
    assert.equal(cache.stats().records, 1);
  });

  it('keeps no vector that is not finite', async () => {
    const cache = await openCache();
    cache.put(testKey(1), Float32Array.of(1, Number.NaN));
    await cache.flush();
    assert.equal(cache.get(testKey(1), 2), undefined);
    assert.deepEqual([cache.stats().dropped, cache.stats().records], [1, 0]);
  });

  it('writes nothing when closed, and misses', async () => {
    const cache = await openCache();
    await putAll(cache, [1]);
    await Promise.all([cache.close(), cache.close()]);
    cache.put(testKey(2), testFeatures(2));
    await cache.flush();
    assert.equal(cache.get(testKey(1), WIDTH), undefined);
    assert.deepEqual(cache.stats(), { hits: 0, misses: 1, damaged: 0, dropped: 1, records: 0, bytes: 0 });
  });

  it('is disabled where its limit is 0 bytes', async () => {
    const folder = newFolder();
    const features = await openFeatureCache({ folder, maxBytes: 0 });
    assert.equal(features, DISABLED_FEATURE_CACHE);
    features.put(testKey(1), testFeatures(1));
    await features.flush();
    assert.equal(features.get(testKey(1), WIDTH), undefined);
    await features.close();
    assert.equal(existsSync(folder), false);
    const enabled = await openFeatureCache({ folder, maxBytes: MIB });
    assert.ok(enabled instanceof DiskFeatureCache);
    openCaches.push(enabled);
  });
});

describe('a cache that is full', () => {
  it('removes the oldest records, and its file stays within the limit', async () => {
    const folder = newFolder();
    const cache = await openCache({ folder, maxBytes: 4 * MIB });
    // Vectors of all sizes leave gaps of all sizes.
    const widths = [200, 512, 768, 1024, 2048, 2816];
    const total = 6000;
    for (let start = 0; start < total; start += 100) {
      for (const number of range(start, start + 100))
        cache.put(testKey(number), testFeatures(number, widths[number % 6]!));
      await cache.flush();
      assert.ok(cache.stats().bytes <= 4 * MIB, `${cache.stats().bytes} bytes of records`);
      assert.ok(statSync(dataFile(folder)).size <= 1.25 * 4 * MIB, `a file of ${statSync(dataFile(folder)).size}`);
    }
    const keptNumbers = range(0, total).filter((number) => {
      const found = cache.get(testKey(number), widths[number % 6]!);
      if (found) assert.deepEqual(found, testFeatures(number, widths[number % 6]!));
      return found;
    });
    assert.ok(keptNumbers.length > 200, `only ${keptNumbers.length} are kept`);
    assert.deepEqual(keptNumbers, range(keptNumbers[0]!, total), 'those that are kept are the youngest');
    assert.deepEqual([cache.stats().records, cache.stats().dropped, warnings], [keptNumbers.length, 0, []]);
  });

  for (const [refreshAfterMs, survives] of [
    [0, true],
    [3600_000, false],
  ] as const) {
    it(`${survives ? 'keeps' : 'removes'} an old record that was read, with ${refreshAfterMs} ms between refreshes`, async () => {
      const cache = await openCache({ maxBytes: 2 * MIB, refreshAfterMs });
      for (let start = 0; start < 2000; start += 50) {
        await putAll(cache, range(start, start + 50));
        cache.get(testKey(7), WIDTH);
        await cache.flush();
      }
      assert.equal(cache.get(testKey(7), WIDTH) !== undefined, survives);
      assert.equal(cache.get(testKey(8), WIDTH), undefined);
    });
  }

  it('drops a record that is too large for it', async () => {
    const cache = await openCache({ maxBytes: MIB });
    cache.put(testKey(1), new Float32Array(20_000));
    await putAll(cache, [2]);
    assert.equal(cache.get(testKey(1), 20_000), undefined);
    assert.deepEqual([cache.stats().records, cache.stats().dropped], [1, 1]);
  });

  it('has one entry in the index of keys for each record', async () => {
    const folder = newFolder();
    const cache = await openCache({ folder, maxBytes: MIB, refreshAfterMs: 0 });
    for (let round = 0; round < 10; round++) {
      await putAll(cache, range(0, 300));
      for (const number of range(0, 300)) cache.get(testKey(number), WIDTH);
    }
    await cache.close();
    withDatabase(folder, (database) => {
      const records = database.prepare('SELECT count(*) AS count FROM records').get();
      assert.ok(Number(records?.['count']) > 50);
      // Each record has its entry in the index of keys, and no other.
      assert.deepEqual(database.prepare('PRAGMA integrity_check').all(), [{ __proto__: null, integrity_check: 'ok' }]);
    });
  });
});

describe('a cache that cannot be opened or written', () => {
  it('fails with config_invalid where its folder is a file', async () => {
    const folder = newFolder();
    await writeFile(folder, '');
    await assert.rejects(openCache({ folder }), { code: 'config_invalid', message: /cannot hold the cache/ });
  });

  for (const [name, isFolderWritable] of [
    ['the folder is', false],
    ['its file is', true],
  ] as const) {
    it(`fails with config_invalid where ${name} not writable, and leaves the file as it is`, async () => {
      const folder = newFolder();
      const file = dataFile(folder);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, 'of another user', { mode: 0o444 });
      // Root may write anywhere: the child is nobody then, and has the folders or not.
      const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
      for (const target of [path.dirname(file), folder]) {
        if (isFolderWritable && user.uid !== undefined) await chown(target, user.uid, user.gid);
        if (!isFolderWritable) await chmod(target, 0o555);
      }
      await chmod(path.dirname(folder), 0o755);
      const child = run(process.execPath, [program('cache-user-process.ts'), folder, `${MIB}`, '0', '1', '1'], user);
      await assert.rejects(child, { code: 1, stderr: /config_invalid/ });
      assert.equal(await readFile(file, 'utf8'), 'of another user');
      for (const target of [folder, path.dirname(file)]) await chmod(target, 0o755);
    });
  }

  for (const flushEvery of [50, 2000]) {
    it(`keeps what it has and does not fail where the disk is full, flushed every ${flushEvery} records`, async () => {
      const folder = newFolder();
      const maxBytes = 8 * MIB;
      // A limit of a file's size stands for the full disk, which cannot be had without being root.
      const limitedShell = ['-c', 'ulimit -f 4000 && exec "$@"', 'sh', process.execPath];
      const programArguments = [
        program('cache-user-process.ts'),
        folder,
        `${maxBytes}`,
        '1',
        '1500',
        '2',
        `${flushEvery}`,
      ];
      const { stdout } = await run('sh', [...limitedShell, ...programArguments]);
      const { wrong, warnings, stats } = JSON.parse(stdout);
      assert.equal(wrong, 0);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0], /nothing more is put into the cache/);
      assert.ok(stats.records > 100 && stats.records < 1500 && stats.hits >= stats.records && stats.dropped > 0);
      const cache = await openCache({ folder, maxBytes });
      const lookups = range(1, 1501).map((number) => [number, cache.get(testKey(number), WIDTH)] as const);
      assert.equal(lookups.filter(([, found]) => found).length, stats.records);
      for (const [number, found] of lookups) if (found) assert.ok(equalBytes(found, testFeatures(number)));
    });
  }
});
