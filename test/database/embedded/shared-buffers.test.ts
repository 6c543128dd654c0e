import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { chooseSharedBuffers } from '../../../src/database/embedded/shared-buffers.ts';

const LIMITS = { min: 2, max: 5 };

test('a database gets buffers for all of its tables, within limits', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'panelvec-buffers-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  assert.equal(await chooseSharedBuffers(folder, LIMITS), 2, 'a database that is not there yet');
  await mkdir(path.join(folder, 'base/1'), { recursive: true });
  await writeFile(path.join(folder, 'base/1/100'), Buffer.alloc(2 << 20));
  await writeFile(path.join(folder, 'base/1/101'), Buffer.alloc(1));
  assert.equal(await chooseSharedBuffers(folder, LIMITS), 3);
  await writeFile(path.join(folder, 'base/1/102'), Buffer.alloc(4 << 20));
  assert.equal(await chooseSharedBuffers(folder, LIMITS), 5);
});
