import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { createZarrStore, publishZarrStore } from '../../src/zarr/create-zarr-store.ts';
import { chunkCount } from '../../src/zarr/store-shape.ts';
import { hasChunk } from '../../src/zarr/zarr-chunk.ts';
import { readZarrStore } from '../support/read-zarr.ts';
import { testChunk } from './test-chunk.ts';

const SHAPE = { pages: 301, panels: 8, dimensions: 512 };
const KILLS = 12;
const run = promisify(execFile);

let root: string;
before(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'panelvec-zarr-crash-'));
});
after(() => rm(root, { recursive: true, force: true }));
const program = (name: string) => path.join(import.meta.dirname, name);

/** Starts the writer and kills it as soon as the nth change of a folder is heard of: the file has just begun, or is there. */
async function killAfterChanges(
  changes: number,
  watchedFolder: string,
  folder: string,
  scratch: string,
): Promise<void> {
  const watcher = watch(watchedFolder);
  const child = spawn(process.execPath, [program('chunk-writer-process.ts'), folder, scratch, JSON.stringify(SHAPE)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  let count = 0;
  watcher.on('change', () => {
    if (++count === changes) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'close');
  watcher.close();
  assert.equal(signal, 'SIGKILL');
}

describe('a store whose writer is killed', () => {
  it('never has a torn chunk', async () => {
    const folder = path.join(root, 'store.zarr');
    const scratch = path.join(root, 'scratch');
    const arrays = [path.join(folder, 'panel_embeddings'), path.join(folder, 'panel_masks')];
    await publishZarrStore(await createZarrStore(folder, SHAPE, {}, scratch));
    for (let round = 1; round <= KILLS; round++) {
      await killAfterChanges(round, [...arrays, scratch][round % 3]!, folder, scratch);
      const store = await readZarrStore(folder);
      for (let chunk = 0; chunk < chunkCount(SHAPE); chunk++) {
        const { embeddings, masks } = await store.readChunk(chunk);
        if (!masks.includes(1)) continue;
        const writtenRound = Math.round(embeddings.find((value) => value !== 0)!);
        const expected = testChunk(SHAPE, chunk, writtenRound);
        assert.ok(Buffer.from(masks).equals(expected.masks));
        assert.ok(Buffer.from(embeddings.buffer).equals(Buffer.from(expected.embeddings.buffer)));
      }
      for (const array of arrays) {
        for (const name of await readdir(array)) assert.match(name, /^(\.zarray|\.zattrs|\d(\.0)+)$/);
      }
    }
    assert.ok(hasChunk({ folder, shape: SHAPE }, 0), 'the writer was never let to finish a chunk');
  });
});

describe('a store on a full disk', () => {
  it('has no incomplete file', async () => {
    const folder = path.join(root, 'full.zarr');
    const scratch = path.join(root, 'full-scratch');
    // A limit of a file's size stands for the full disk, which cannot be had without being root: the write fails half way.
    const limitedShell = [
      '-c',
      'ulimit -f 200 && exec "$@"',
      'sh',
      process.execPath,
      program('full-disk-writer-process.ts'),
    ];
    const { stdout } = await run('sh', [...limitedShell, folder, scratch, JSON.stringify(SHAPE)]);
    assert.equal(stdout.trim(), 'EFBIG');
    assert.deepEqual(await readdir(scratch), []);
    assert.deepEqual(await readdir(path.join(folder, 'panel_embeddings')), ['.zarray', '.zattrs']);
    assert.deepEqual(await readdir(path.join(folder, 'panel_masks')), ['.zarray', '.zattrs']);
  });
});
