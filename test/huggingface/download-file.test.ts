import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { gitSha1 } from '../support/fake-hub.ts';
import { seededBytes } from '../support/numeric.ts';
import { waitFor } from '../support/wait-for.ts';
import { LARGE, LARGE_BYTES, large, PullFixture, REPO, SMALL, small } from './pull-fixture.ts';

const HALF = 1_500_000;
const tag = (content: Uint8Array) => createHash('sha256').update(content).digest('hex').slice(0, 16);
const PARTIAL_FILE = `${large.fileName}.${tag(LARGE)}.part`;

const ranges = (pulls: PullFixture) => pulls.contentRequests.map(({ range }) => range);

describe('an interrupted download', () => {
  it('continues after SIGKILL with the missing bytes', async () => {
    await using pulls = await PullFixture.start();
    pulls.injectFaults(large, { kind: 'stall', offset: HALF });
    const script = path.join(import.meta.dirname, 'pull-child-process.ts');
    const args = [script, pulls.hub.endpoint, pulls.folder, JSON.stringify([large])];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    const exited = once(child, 'exit');
    const part = path.join(pulls.folder, PARTIAL_FILE);
    await waitFor('half the file', async () => (await stat(part).catch(() => null))?.size === HALF);
    child.kill('SIGKILL');
    assert.deepEqual(await exited, [null, 'SIGKILL']);
    assert.deepEqual(await pulls.fileNames(), [PARTIAL_FILE]);

    pulls.injectFaults(large);
    await pulls.pull();
    assert.deepEqual(ranges(pulls), [undefined, `bytes=${HALF}-`]);
    assert.equal(pulls.bytesSent, LARGE_BYTES);
    assert.equal(pulls.progressUpdates[0], HALF);
    assert.equal(pulls.reportedBytes, LARGE_BYTES);
    assert.ok((await pulls.readFile(large.fileName)).equals(LARGE));
    assert.deepEqual(await pulls.fileNames(), [large.fileName]);
  });

  it('continues after a broken connection, within one call', async () => {
    await using pulls = await PullFixture.start();
    pulls.injectFaults(large, { kind: 'break', offset: HALF, times: 1 });
    await pulls.pull();
    assert.equal(pulls.waits.length, 1);
    assert.equal(ranges(pulls).length, 2);
    assert.match(ranges(pulls)[1]!, /^bytes=[1-9]\d*-$/);
    assert.equal(pulls.reportedBytes, LARGE_BYTES);
    assert.ok((await pulls.readFile(large.fileName)).equals(LARGE));
  });

  it('continues a file that the hub sends itself', async () => {
    await using pulls = await PullFixture.start();
    await writeFile(
      path.join(pulls.folder, `${small.fileName}.${gitSha1(SMALL).slice(0, 16)}.part`),
      SMALL.subarray(0, 5),
    );
    await pulls.pull({ files: [small] });
    assert.deepEqual(ranges(pulls), ['bytes=5-']);
    assert.ok((await pulls.readFile(small.fileName)).equals(SMALL));
  });

  it('starts from zero if the server ignores ranges', async () => {
    await using pulls = await PullFixture.start();
    await writeFile(path.join(pulls.folder, PARTIAL_FILE), LARGE.subarray(0, HALF));
    pulls.injectFaults(large, { kind: 'ignore-range' });
    await pulls.pull();
    assert.deepEqual(ranges(pulls), [`bytes=${HALF}-`]);
    assert.equal(pulls.bytesSent, LARGE_BYTES);
    assert.equal(pulls.reportedBytes, LARGE_BYTES);
    assert.ok((await pulls.readFile(large.fileName)).equals(LARGE));
    pulls.injectFaults(small, { kind: 'ignore-range' });
    await pulls.pull({ files: [small] });
  });

  it('starts from zero if the server sends another range', async () => {
    await using pulls = await PullFixture.start();
    await writeFile(path.join(pulls.folder, PARTIAL_FILE), LARGE.subarray(0, HALF));
    pulls.injectFaults(large, { kind: 'other-range', times: 1 });
    await pulls.pull();
    assert.deepEqual(ranges(pulls), [`bytes=${HALF}-`, undefined]);
    assert.equal(pulls.waits.length, 1);
    assert.ok((await pulls.readFile(large.fileName)).equals(LARGE));
  });

  it('starts from zero if the server cannot continue it', async () => {
    await using pulls = await PullFixture.start();
    await writeFile(path.join(pulls.folder, PARTIAL_FILE), LARGE.subarray(0, HALF));
    pulls.injectFaults(large, { kind: 'status', status: 416, server: 'storage', times: 1 });
    await pulls.pull();
    assert.deepEqual(ranges(pulls), [`bytes=${HALF}-`, undefined]);
  });

  it('starts from zero if the partial file is damaged, and sends no request if it is complete', async () => {
    await using pulls = await PullFixture.start();
    await writeFile(path.join(pulls.folder, PARTIAL_FILE), seededBytes(HALF, 2));
    await pulls.pull();
    assert.deepEqual(ranges(pulls), [`bytes=${HALF}-`, undefined]);
    await writeFile(path.join(pulls.folder, large.fileName), 'old');
    await writeFile(path.join(pulls.folder, PARTIAL_FILE), LARGE);
    pulls.hub.log.length = 0;
    await pulls.pull();
    assert.deepEqual(ranges(pulls), []);
    assert.ok((await pulls.readFile(large.fileName)).equals(LARGE));
  });

  it('removes partial files that are too long, and those of a complete file', async () => {
    await using pulls = await PullFixture.start();
    await writeFile(path.join(pulls.folder, PARTIAL_FILE), Buffer.alloc(LARGE_BYTES + 1));
    await pulls.pull();
    assert.deepEqual(ranges(pulls), [undefined]);
    await writeFile(path.join(pulls.folder, PARTIAL_FILE), 'left over');
    await pulls.pull();
    assert.deepEqual(await pulls.fileNames(), [large.fileName]);
  });

  it('does not continue another version of the file', async () => {
    await using pulls = await PullFixture.start();
    const other = seededBytes(LARGE_BYTES, 3);
    const unrelatedFile = `${large.fileName}.extra.${tag(LARGE)}.part`;
    for (const name of [PARTIAL_FILE, unrelatedFile])
      await writeFile(path.join(pulls.folder, name), LARGE.subarray(0, HALF));
    pulls.hub.put(REPO, large.path, other);
    await pulls.pull();
    assert.deepEqual(ranges(pulls), [undefined]);
    assert.ok((await pulls.readFile(large.fileName)).equals(other));
    assert.deepEqual(await pulls.fileNames(), [large.fileName, unrelatedFile]);
  });

  it('fails if the file changes during the download', async () => {
    await using pulls = await PullFixture.start();
    const other = seededBytes(LARGE_BYTES, 3);
    pulls.injectFaults(large, { kind: 'break', offset: HALF, times: 1 });
    const wait = async () => pulls.hub.put(REPO, large.path, other);
    await assert.rejects(() => pulls.pull({ policy: { wait } }), /changed on the hub during the download; pull again/);
    await pulls.pull();
    assert.ok((await pulls.readFile(large.fileName)).equals(other));
    assert.deepEqual(await pulls.fileNames(), [large.fileName]);
  });

  it('keeps its partial file if it is aborted, or if another file fails', async () => {
    await using pulls = await PullFixture.start();
    const stop = new AbortController();
    const reason = new Error('enough');
    pulls.injectFaults(large, { kind: 'stall', offset: HALF });
    pulls.onAdvance = () => pulls.reportedBytes === HALF && stop.abort(reason);
    await assert.rejects(() => pulls.pull({ signal: stop.signal }), reason);
    assert.equal((await pulls.readFile(PARTIAL_FILE)).length, HALF);
    await assert.rejects(() => pulls.pull({ signal: AbortSignal.abort(reason) }), reason);

    pulls.injectFaults(small, { kind: 'spoil' });
    await assert.rejects(() => pulls.pull({ files: [large, small] }), /config\.json: it has the git SHA-1/);
    assert.deepEqual(await pulls.fileNames(), [PARTIAL_FILE]);
    pulls.injectFaults(large);
    pulls.hub.log.length = 0;
    await pulls.pull();
    assert.equal(pulls.bytesSent, LARGE_BYTES - HALF);
  });
});
