import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { gitSha1 } from '../support/small-hub.ts';
import { waitFor } from '../support/wait.ts';
import { LARGE, LARGE_BYTES, large, Pulls, REPO, SMALL, small } from './pulls.ts';

const HALF = 1_500_000;
const tag = (content: Uint8Array) => createHash('sha256').update(content).digest('hex').slice(0, 16);
const PART = `${large.as}.${tag(LARGE)}.part`;

const ranges = (pulls: Pulls) => pulls.contentRequests.map(({ range }) => range);

describe('an interrupted download', () => {
  it('goes on after SIGKILL with the bytes that are missing', async () => {
    await using pulls = await Pulls.start();
    pulls.misbehave(large, { kind: 'stall', at: HALF });
    const script = path.join(import.meta.dirname, 'pull-process.ts');
    const args = [script, pulls.hub.endpoint, pulls.folder, JSON.stringify([large])];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    const ended = once(child, 'exit');
    const part = path.join(pulls.folder, PART);
    await waitFor('half the file', async () => (await stat(part).catch(() => null))?.size === HALF);
    child.kill('SIGKILL');
    assert.deepEqual(await ended, [null, 'SIGKILL']);
    assert.deepEqual(await pulls.names(), [PART]);

    pulls.misbehave(large);
    await pulls.pull();
    assert.deepEqual(ranges(pulls), [undefined, `bytes=${HALF}-`]);
    assert.equal(pulls.bytesSent, LARGE_BYTES);
    assert.equal(pulls.advances[0], HALF);
    assert.equal(pulls.advanced, LARGE_BYTES);
    assert.ok((await pulls.read(large.as)).equals(LARGE));
    assert.deepEqual(await pulls.names(), [large.as]);
  });

  it('goes on after a broken connection, within one call', async () => {
    await using pulls = await Pulls.start();
    pulls.misbehave(large, { kind: 'break', at: HALF, times: 1 });
    await pulls.pull();
    assert.equal(pulls.waits.length, 1);
    assert.equal(ranges(pulls).length, 2);
    assert.match(ranges(pulls)[1]!, /^bytes=[1-9]\d*-$/);
    assert.equal(pulls.advanced, LARGE_BYTES);
    assert.ok((await pulls.read(large.as)).equals(LARGE));
  });

  it('goes on from the hub itself for files that are not redirected', async () => {
    await using pulls = await Pulls.start();
    await writeFile(path.join(pulls.folder, `${small.as}.${gitSha1(SMALL).slice(0, 16)}.part`), SMALL.subarray(0, 5));
    await pulls.pull({ files: [small] });
    assert.deepEqual(ranges(pulls), ['bytes=5-']);
    assert.ok((await pulls.read(small.as)).equals(SMALL));
  });

  it('starts from zero where the server ignores ranges', async () => {
    await using pulls = await Pulls.start();
    await writeFile(path.join(pulls.folder, PART), LARGE.subarray(0, HALF));
    pulls.misbehave(large, { kind: 'ignore-range' });
    await pulls.pull();
    assert.deepEqual(ranges(pulls), [`bytes=${HALF}-`]);
    assert.equal(pulls.bytesSent, LARGE_BYTES);
    assert.equal(pulls.advanced, LARGE_BYTES);
    assert.ok((await pulls.read(large.as)).equals(LARGE));
    pulls.misbehave(small, { kind: 'ignore-range' });
    await pulls.pull({ files: [small] });
  });

  it('starts from zero where the server sends another range', async () => {
    await using pulls = await Pulls.start();
    await writeFile(path.join(pulls.folder, PART), LARGE.subarray(0, HALF));
    pulls.misbehave(large, { kind: 'other-range', times: 1 });
    await pulls.pull();
    assert.deepEqual(ranges(pulls), [`bytes=${HALF}-`, undefined]);
    assert.equal(pulls.waits.length, 1);
    assert.ok((await pulls.read(large.as)).equals(LARGE));
  });

  it('starts from zero where the server cannot continue it', async () => {
    await using pulls = await Pulls.start();
    await writeFile(path.join(pulls.folder, PART), LARGE.subarray(0, HALF));
    pulls.misbehave(large, { kind: 'status', status: 416, at: 'storage', times: 1 });
    await pulls.pull();
    assert.deepEqual(ranges(pulls), [`bytes=${HALF}-`, undefined]);
  });

  it('starts from zero where the part was spoilt, and needs no request for one that is whole', async () => {
    await using pulls = await Pulls.start();
    await writeFile(path.join(pulls.folder, PART), randomBytes(HALF));
    await pulls.pull();
    assert.deepEqual(ranges(pulls), [`bytes=${HALF}-`, undefined]);
    await writeFile(path.join(pulls.folder, large.as), 'old');
    await writeFile(path.join(pulls.folder, PART), LARGE);
    pulls.hub.log.length = 0;
    await pulls.pull();
    assert.deepEqual(ranges(pulls), []);
    assert.ok((await pulls.read(large.as)).equals(LARGE));
  });

  it('throws away parts that are too long, and parts of a file that is there', async () => {
    await using pulls = await Pulls.start();
    await writeFile(path.join(pulls.folder, PART), Buffer.alloc(LARGE_BYTES + 1));
    await pulls.pull();
    assert.deepEqual(ranges(pulls), [undefined]);
    await writeFile(path.join(pulls.folder, PART), 'left over');
    await pulls.pull();
    assert.deepEqual(await pulls.names(), [large.as]);
  });

  it('does not continue another version of the file', async () => {
    await using pulls = await Pulls.start();
    const other = randomBytes(LARGE_BYTES);
    const bystander = `${large.as}.extra.${tag(LARGE)}.part`;
    for (const name of [PART, bystander]) await writeFile(path.join(pulls.folder, name), LARGE.subarray(0, HALF));
    pulls.hub.put(REPO, large.path, other);
    await pulls.pull();
    assert.deepEqual(ranges(pulls), [undefined]);
    assert.ok((await pulls.read(large.as)).equals(other));
    assert.deepEqual(await pulls.names(), [large.as, bystander]);
  });

  it('notices a file that changes in the middle', async () => {
    await using pulls = await Pulls.start();
    const other = randomBytes(LARGE_BYTES);
    pulls.misbehave(large, { kind: 'break', at: HALF, times: 1 });
    const wait = async () => pulls.hub.put(REPO, large.path, other);
    await assert.rejects(() => pulls.pull({ tuning: { wait } }), /changed on the hub during the download; pull again/);
    await pulls.pull();
    assert.ok((await pulls.read(large.as)).equals(other));
    assert.deepEqual(await pulls.names(), [large.as]);
  });

  it('stays as a part when it is called off, and when another file fails', async () => {
    await using pulls = await Pulls.start();
    const stop = new AbortController();
    const reason = new Error('enough');
    pulls.misbehave(large, { kind: 'stall', at: HALF });
    pulls.onAdvance = () => pulls.advanced === HALF && stop.abort(reason);
    await assert.rejects(() => pulls.pull({ signal: stop.signal }), reason);
    assert.equal((await pulls.read(PART)).length, HALF);
    await assert.rejects(() => pulls.pull({ signal: AbortSignal.abort(reason) }), reason);

    pulls.misbehave(small, { kind: 'spoil' });
    await assert.rejects(() => pulls.pull({ files: [large, small] }), /config\.json: it has the git SHA-1/);
    assert.deepEqual(await pulls.names(), [PART]);
    pulls.misbehave(large);
    pulls.hub.log.length = 0;
    await pulls.pull();
    assert.equal(pulls.bytesSent, LARGE_BYTES - HALF);
  });
});
