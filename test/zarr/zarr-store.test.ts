import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';
import { createZarrStore, publishZarrStore, unpublishZarrStore } from '../../src/zarr/create-zarr-store.ts';
import { chunkCount } from '../../src/zarr/store-shape.ts';
import { hasChunk, writeChunk } from '../../src/zarr/zarr-chunk.ts';
import { readZarrStore } from '../support/read-zarr.ts';
import { testChunk } from './test-chunk.ts';

const SHAPE = { pages: 201, panels: 3, dimensions: 4 };
const ATTRIBUTES = { space: 'f00d', model: { name: 'tiny', version: 2 }, names: ['b', 'a'] };

let root: string;
let folderCount = 0;
const newFolder = () => path.join(root, `${folderCount++}`, 'store.zarr');
const scratchFolder = (folder: string) => path.join(folder, '..', 'scratch');
const createFilledStore = async (folder = newFolder()) => {
  const store = await createZarrStore(folder, SHAPE, ATTRIBUTES, scratchFolder(folder));
  for (let chunk = 0; chunk < chunkCount(SHAPE); chunk++) {
    const { embeddings, masks } = testChunk(SHAPE, chunk);
    await writeChunk(store, chunk, embeddings, masks);
  }
  await publishZarrStore(store);
  return store;
};
/** Every file under a folder, by its path in it. */
const readAllFiles = async (folder: string) => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const entriesRead = files.sort().map(async (file) => [path.relative(folder, file), await readFile(file)] as const);
  return Object.fromEntries(await Promise.all(entriesRead));
};
before(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'panelvec-zarr-'));
});
after(() => rm(root, { recursive: true, force: true }));

describe('a store', () => {
  it('has the metadata of Zarr v2', async () => {
    const { folder } = await createFilledStore();
    const json = async (name: string) => JSON.parse(await readFile(path.join(folder, name), 'utf8'));
    const common = { zarr_format: 2, order: 'C', filters: null, compressor: { id: 'zstd', level: 1 } };
    const embeddings = { shape: [201, 3, 4], chunks: [100, 3, 4], dtype: '<f4', fill_value: 'NaN' };
    const masks = { shape: [201, 3], chunks: [100, 3], dtype: '|b1', fill_value: null };
    assert.deepEqual(await json('.zgroup'), { zarr_format: 2 });
    assert.deepEqual(await json('.zattrs'), ATTRIBUTES);
    assert.deepEqual(await json('panel_embeddings/.zarray'), { ...common, ...embeddings });
    assert.deepEqual(await json('panel_masks/.zarray'), { ...common, ...masks });
    assert.deepEqual(await json('panel_embeddings/.zattrs'), { _ARRAY_DIMENSIONS: ['page', 'panel', 'dimension'] });
    assert.deepEqual(await json('panel_masks/.zattrs'), { _ARRAY_DIMENSIONS: ['page', 'panel'] });
    const names = [
      '.zattrs',
      '.zgroup',
      ...['embeddings', 'masks'].flatMap((a) => [`panel_${a}/.zarray`, `panel_${a}/.zattrs`]),
    ];
    const metadata = await Promise.all(names.map(async (name) => [name, await json(name)]));
    assert.deepEqual(await json('.zmetadata'), {
      zarr_consolidated_format: 1,
      metadata: Object.fromEntries(metadata),
    });
  });

  it('can be opened as a group only from when it is published until it is withdrawn', async () => {
    const folder = newFolder();
    const store = await createZarrStore(folder, SHAPE, ATTRIBUTES, scratchFolder(folder));
    await assert.rejects(readZarrStore(folder));
    await publishZarrStore(store);
    assert.deepEqual((await readZarrStore(folder)).attributes, ATTRIBUTES);
    const filesBefore = await readAllFiles(folder);
    await unpublishZarrStore(store);
    await assert.rejects(readZarrStore(folder));
    await publishZarrStore(store);
    assert.deepEqual(await readAllFiles(folder), filesBefore);
  });

  it('has chunk files of full size, the last one padded', async () => {
    const { folder, scratch } = await createFilledStore();
    const files = await readAllFiles(folder);
    const chunks = ['0', '1', '2'].flatMap((k) => [`panel_embeddings/${k}.0.0`, `panel_masks/${k}.0`]);
    const described = ['.zattrs', '.zgroup', '.zmetadata'];
    for (const array of ['panel_embeddings', 'panel_masks']) described.push(`${array}/.zarray`, `${array}/.zattrs`);
    assert.deepEqual(Object.keys(files).sort(), [...described, ...chunks].sort());
    const { embeddings, masks } = testChunk(SHAPE, 2);
    const lastVectors = zstdDecompressSync(files['panel_embeddings/2.0.0']!);
    assert.equal(lastVectors.length, 100 * 3 * 4 * 4);
    for (const [i, value] of embeddings.entries()) assert.equal(lastVectors.readFloatLE(4 * i), value);
    assert.ok(lastVectors.subarray(embeddings.byteLength).every((byte) => byte === 0));
    const lastMasks = zstdDecompressSync(files['panel_masks/2.0']!);
    assert.deepEqual([...lastMasks], [...masks, ...new Uint8Array(99 * 3)]);
    assert.deepEqual(await readdir(scratch), []);
  });

  it('has the same bytes whenever and in whatever order it is written', async () => {
    const { folder } = await createFilledStore();
    const reversed = { names: ['b', 'a'], model: { version: 2, name: 'tiny' }, space: 'f00d' };
    const secondStore = await createZarrStore(newFolder(), SHAPE, reversed, scratchFolder(folder));
    for (const chunk of [2, 0, 1]) {
      const { embeddings, masks } = testChunk(SHAPE, chunk);
      await writeChunk(secondStore, chunk, embeddings, masks);
    }
    await publishZarrStore(secondStore);
    assert.deepEqual(await readAllFiles(secondStore.folder), await readAllFiles(folder));
  });

  it('is opened again without a change', async () => {
    const { folder } = await createFilledStore();
    const filesBefore = await readAllFiles(folder);
    const statBefore = await stat(path.join(folder, '.zattrs'), { bigint: true });
    await createZarrStore(folder, SHAPE, ATTRIBUTES, scratchFolder(folder));
    assert.deepEqual(await readAllFiles(folder), filesBefore);
    const statAfter = await stat(path.join(folder, '.zattrs'), { bigint: true });
    assert.deepEqual([statAfter.ino, statAfter.mtimeNs], [statBefore.ino, statBefore.mtimeNs]);
  });

  for (const other of [{ pages: 202 }, { panels: 4 }, { dimensions: 5 }]) {
    it(`is refused and unchanged if the shape differs: ${JSON.stringify(other)}`, async () => {
      const { folder } = await createFilledStore();
      const filesBefore = await readAllFiles(folder);
      const creating = createZarrStore(folder, { ...SHAPE, ...other }, { other: true }, scratchFolder(folder));
      await assert.rejects(creating, { code: 'internal', message: /another shape/ });
      assert.deepEqual(await readAllFiles(folder), filesBefore);
    });
  }
});

describe('a chunk', () => {
  it('is finished once it has masks', async () => {
    const folder = newFolder();
    const store = await createZarrStore(folder, SHAPE, {}, scratchFolder(folder));
    const { embeddings, masks } = testChunk(SHAPE, 1);
    assert.equal(hasChunk(store, 1), false);
    // Masks cannot be written where a folder has their name: embeddings must have been written before, and it is not finished.
    await cp(path.join(folder, 'panel_masks/.zarray'), path.join(folder, 'panel_masks/1.0/x'), { recursive: true });
    await assert.rejects(writeChunk(store, 1, embeddings, masks), { code: 'internal' });
    assert.ok(await stat(path.join(folder, 'panel_embeddings/1.0.0')));
    await rm(path.join(folder, 'panel_masks/1.0'), { recursive: true });
    assert.equal(hasChunk(store, 1), false);
    await writeChunk(store, 1, embeddings, masks);
    assert.deepEqual([hasChunk(store, 0), hasChunk(store, 1)], [false, true]);
  });

  it('is refused outside of the store, with a wrong length, with other masks than 0 and 1, or with vectors in masked rows', async () => {
    const folder = newFolder();
    const store = await createZarrStore(folder, SHAPE, {}, scratchFolder(folder));
    const filesBefore = await readAllFiles(folder);
    const { embeddings, masks } = testChunk(SHAPE, 2);
    const assertRefused = (message: RegExp, chunk: number, vectors: Float32Array, bits: Uint8Array) =>
      assert.rejects(writeChunk(store, chunk, vectors, bits), { code: 'internal', message });
    await assertRefused(/no chunk 3/, 3, embeddings, masks);
    await assertRefused(/no chunk -1/, -1, embeddings, masks);
    await assertRefused(/12 embeddings has 11/, 2, embeddings.subarray(1), masks);
    await assertRefused(/1200 embeddings has 12/, 1, embeddings, masks);
    await assertRefused(/3 masks has 300/, 2, embeddings, new Uint8Array(300));
    await assertRefused(
      /mask 255/,
      2,
      embeddings,
      masks.map(() => 255),
    );
    const unmasked = embeddings.slice();
    unmasked[11] = 0.5;
    await assertRefused(/row 2 .* not zero/, 2, unmasked, masks);
    assert.throws(() => hasChunk(store, 3), /no chunk 3/);
    assert.deepEqual(await readAllFiles(folder), filesBefore);
  });
});

describe('a store that zarrita opens', () => {
  it('has the shape, attributes and chunks that were written, without padding', async () => {
    const { folder } = await createFilledStore();
    const store = await readZarrStore(folder);
    assert.deepEqual([store.shape, store.attributes], [SHAPE, ATTRIBUTES]);
    for (const chunk of [0, 1, 2]) assert.deepEqual(await store.readChunk(chunk), testChunk(SHAPE, chunk));
    await assert.rejects(store.readChunk(3), /no chunk 3/);
  });

  it('has NaN in a chunk that is gone', async () => {
    const { folder } = await createFilledStore();
    const store = await readZarrStore(folder);
    await rm(path.join(folder, 'panel_embeddings/1.0.0'));
    await rm(path.join(folder, 'panel_masks/1.0'));
    const empty = { embeddings: new Float32Array(1200).fill(Number.NaN), masks: new Uint8Array(300) };
    assert.deepEqual(await store.readChunk(1), empty);
  });
});
