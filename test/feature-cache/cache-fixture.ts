/** Caches in a temporary folder, closed after each test of the file that imports this. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, afterEach, before } from 'node:test';
import { promisify } from 'node:util';
import { DiskFeatureCache, type FeatureCacheOptions } from '../../src/feature-cache/feature-cache.ts';
import { testFeatures, testKey, WIDTH } from './test-features.ts';

export const MIB = 1024 ** 2;
export const run = promisify(execFile);

let root: string;
let folderCount = 0;
export const openCaches: DiskFeatureCache[] = [];
export const warnings: string[] = [];
export const infos: string[] = [];
export const newFolder = () => path.join(root, `${folderCount++}.cache`);
export const openCache = async (options: Partial<FeatureCacheOptions> = {}) => {
  const log = {
    info: (message: string) => void infos.push(message),
    warn: (message: string) => void warnings.push(message),
  };
  const cache = await DiskFeatureCache.open({ folder: newFolder(), maxBytes: 8 * MIB, log, ...options });
  openCaches.push(cache);
  return cache;
};
export const putAll = async (cache: DiskFeatureCache, numbers: Iterable<number>, width = WIDTH) => {
  for (const number of numbers) cache.put(testKey(number), testFeatures(number, width));
  await cache.flush();
};
export const range = (start: number, end: number) => Array.from({ length: end - start }, (_, i) => start + i);
export const program = (name: string) => path.join(import.meta.dirname, name);
/** The file of the store that is in use. */
export const dataFile = (folder: string) => {
  const storeFolder = path.join(folder, 'sqlite');
  const names = existsSync(storeFolder) ? readdirSync(storeFolder) : [];
  return path.join(storeFolder, names.find((name) => name.endsWith('.sqlite')) ?? '1.sqlite');
};
/** Opens the file while no cache has it open. */
export const withDatabase = (folder: string, use: (database: DatabaseSync) => void): void => {
  const database = new DatabaseSync(dataFile(folder));
  use(database);
  database.close();
};
export const readRecord = (database: DatabaseSync, key: Uint8Array): Buffer => {
  const record = database.prepare('SELECT record FROM records WHERE key = ?').get(key)?.['record'];
  assert.ok(record instanceof Uint8Array);
  return Buffer.from(record);
};
export const writeRecord = (database: DatabaseSync, key: Uint8Array, record: Uint8Array): void => {
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
