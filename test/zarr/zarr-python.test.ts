import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { it } from 'node:test';
import { createZarrStore, publishZarrStore } from '../../src/zarr/create-zarr-store.ts';
import { chunkCount } from '../../src/zarr/store-shape.ts';
import { writeChunk } from '../../src/zarr/zarr-chunk.ts';
import { testChunk } from './test-chunk.ts';

const PYTHON = '/usr/bin/python3';
const SHAPE = { pages: 201, panels: 3, dimensions: 4 };
const version = spawnSync(PYTHON, ['-c', 'import zarr; print(zarr.__version__)'], { encoding: 'utf8' });
const skip = !version.stdout?.startsWith('2.') && `${PYTHON} has no zarr 2 (Debian: apt-get install python3-zarr)`;

it('zarr-python reads what Stage 4 expects', { skip }, async (t) => {
  const root = await mkdtemp(path.join(tmpdir(), 'panelvec-zarr-python-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const folder = path.join(root, 'store.zarr');
  const store = await createZarrStore(
    folder,
    SHAPE,
    { space: 'f00d', nested: { a: [1, 'é 漫 😀'] } },
    path.join(root, 'scratch'),
  );
  const chunks = Array.from({ length: chunkCount(SHAPE) }, (_, chunk) => testChunk(SHAPE, chunk));
  for (const [chunk, { embeddings, masks }] of chunks.entries()) await writeChunk(store, chunk, embeddings, masks);
  await publishZarrStore(store);

  const output = JSON.parse(
    execFileSync(PYTHON, [path.join(import.meta.dirname, 'consumer.py'), folder], { encoding: 'utf8' }),
  );
  const common = { order: 'C', compressor: 'zstd', filters: null, initialized: 3 };
  assert.deepEqual(output.attributes, { space: 'f00d', nested: { a: [1, 'é 漫 😀'] } });
  assert.deepEqual(output.arrays, ['panel_embeddings', 'panel_masks']);
  assert.deepEqual(output.embeddings, {
    ...common,
    shape: [201, 3, 4],
    chunks: [100, 3, 4],
    dtype: '<f4',
    fill: 'nan',
  });
  assert.deepEqual(output.masks, { ...common, shape: [201, 3], chunks: [100, 3], dtype: '|b1', fill: 'None' });
  assert.deepEqual(
    output.mask_values,
    chunks.flatMap(({ masks }) => [...masks]),
  );
  const pages = chunks.flatMap(({ embeddings }) =>
    Array.from({ length: embeddings.length / 12 }, (_, page) => [...embeddings.subarray(12 * page, 12 * (page + 1))]),
  );
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  for (const [page, values] of pages.entries())
    assert.ok(Math.abs(output.sums[page] - sum(values)) < 1e-9, `page ${page}`);
  assert.deepEqual([output.first, output.last], [pages[0], pages.at(-1)]);
});
