import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { it } from 'node:test';
import { makeOwnedFolder, removeAbandonedFolders } from '../../src/files/owned-folder.ts';

it('removes the folders of processes that were killed, and no others', async (t) => {
  const parent = await mkdtemp(path.join(tmpdir(), 'panelvec-owned-'));
  t.after(() => rm(parent, { recursive: true, force: true }));
  const killed = spawnSync('true').pid;
  const [old, recent] = ['.new-a@elsewhere-7.abc123', '.new-b@elsewhere-7.abc123'];
  const others = [
    `.new-c@${hostname()}-${process.ppid}.abc123`,
    `.old@${hostname()}-${killed}.abc123`,
    '.new-notes',
    recent,
  ];
  const abandoned = [`.new-d@${hostname()}-${killed}.abc123`, `.new-e@${hostname()}-${process.pid}.abc123`, old];
  for (const name of [...others, ...abandoned]) await mkdir(path.join(parent, name, 'inside'), { recursive: true });
  const twoDaysAgo = new Date(Date.now() - 48 * 3600 * 1000);
  await utimes(path.join(parent, old), twoDaysAgo, twoDaysAgo);
  {
    await using own = await makeOwnedFolder(parent, '.new-f');
    await removeAbandonedFolders(parent, '.new-');
    assert.deepEqual((await readdir(parent)).sort(), [...others, path.basename(own.path)].sort());
  }
  assert.deepEqual((await readdir(parent)).sort(), others.sort());
});
