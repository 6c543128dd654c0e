import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, afterEach, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import {
  DISABLED_FEATURE_CACHE,
  DiskFeatureCache,
  type FeatureCacheOptions,
  openFeatureCache,
} from '../../src/feature-cache/feature-cache.ts';
import { FeatureStore } from '../../src/feature-cache/feature-store.ts';
import { equalBytes, testFeatures, testKey, WIDTH } from './test-features.ts';

const MIB = 1024 ** 2;
const run = promisify(execFile);

let root: string;
let folderCount = 0;
const openCaches: DiskFeatureCache[] = [];
const warnings: string[] = [];
const infos: string[] = [];
const newFolder = () => path.join(root, `${folderCount++}.cache`);
const openCache = async (options: Partial<FeatureCacheOptions> = {}) => {
  const log = {
    info: (message: string) => void infos.push(message),
    warn: (message: string) => void warnings.push(message),
  };
  const cache = await DiskFeatureCache.open({ folder: newFolder(), maxBytes: 8 * MIB, log, ...options });
  openCaches.push(cache);
  return cache;
};
const putAll = async (cache: DiskFeatureCache, numbers: Iterable<number>, width = WIDTH) => {
  for (const number of numbers) cache.put(testKey(number), testFeatures(number, width));
  await cache.flush();
};
const range = (start: number, end: number) => Array.from({ length: end - start }, (_, i) => start + i);
const program = (name: string) => path.join(import.meta.dirname, name);
/** The file of the store that is in use. */
const dataFile = (folder: string) => {
  const storeFolder = path.join(folder, 'sqlite');
  const names = existsSync(storeFolder) ? readdirSync(storeFolder) : [];
  return path.join(storeFolder, names.find((name) => name.endsWith('.sqlite')) ?? '1.sqlite');
};
/** Opens the file while no cache has it open. */
const withDatabase = (folder: string, use: (database: DatabaseSync) => void): void => {
  const database = new DatabaseSync(dataFile(folder));
  use(database);
  database.close();
};
const readRecord = (database: DatabaseSync, key: Uint8Array): Buffer => {
  const record = database.prepare('SELECT record FROM records WHERE key = ?').get(key)?.['record'];
  assert.ok(record instanceof Uint8Array);
  return Buffer.from(record);
};
const writeRecord = (database: DatabaseSync, key: Uint8Array, record: Uint8Array): void => {
  database.prepare('UPDATE records SET record = ? WHERE key = ?').run(record, key);
};

before(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'panelvec-features-'));
});
afterEach(async () => {
  for (const cache of openCaches.splice(0)) await cache.close();
  warnings.length = 0;
  infos.length = 0;
});
after(() => rm(root, { recursive: true, force: true }));

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
      await chmod(root, 0o755);
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
