import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { gitSha1 } from '../support/fake-hub.ts';
import { LARGE, LARGE_BYTES, large, PullFixture, REPO, SMALL, small } from './pull-fixture.ts';

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

describe('pullFiles', () => {
  for (const xet of [false, true]) {
    it(`downloads large and small files under their names, ${xet ? 'with' : 'without'} Xet`, async () => {
      await using pulls = await PullFixture.start({ xet });
      assert.deepEqual(await pulls.pull({ files: [large, small] }), [
        { fileName: 'vision.onnx', bytes: LARGE_BYTES, sha256: sha256(LARGE) },
        { fileName: 'config.json', bytes: SMALL.length, sha256: sha256(SMALL) },
      ]);
      assert.deepEqual(await pulls.fileNames(), ['config.json', 'vision.onnx']);
      assert.ok((await pulls.readFile('vision.onnx')).equals(LARGE));
      assert.ok((await pulls.readFile('config.json')).equals(SMALL));
    });
  }

  it('downloads a file whose path has special characters', async () => {
    await using pulls = await PullFixture.start();
    pulls.hub.put(REPO, 'a b/#1 100%.txt', 'awkward');
    const [pulled] = await pulls.pull({ files: [{ ...small, path: 'a b/#1 100%.txt', fileName: 'awkward.txt' }] });
    assert.equal(pulled!.bytes, 7);
  });

  it('downloads empty files', async () => {
    await using pulls = await PullFixture.start();
    for (const name of ['empty.json', 'empty.bin']) pulls.hub.put(REPO, name, '');
    const files = ['empty.json', 'empty.bin'].map((name) => ({ ...small, path: name, fileName: name }));
    assert.deepEqual(
      (await pulls.pull({ files })).map(({ bytes }) => bytes),
      [0, 0],
    );
    assert.deepEqual(await pulls.fileNames(), ['empty.bin', 'empty.json']);
  });

  it('reports the total once, and then every byte', async () => {
    await using pulls = await PullFixture.start();
    await pulls.pull({ files: [large, small] });
    assert.deepEqual(pulls.totals, [LARGE_BYTES + SMALL.length]);
    assert.equal(pulls.reportedBytes, LARGE_BYTES + SMALL.length);
    await pulls.pull({ files: [large, small] });
    assert.deepEqual(pulls.totals, [LARGE_BYTES + SMALL.length]);
    assert.deepEqual(new Set(pulls.progressUpdates), new Set([LARGE_BYTES, SMALL.length]));
  });

  it('does not download a file again that is correct', async () => {
    await using pulls = await PullFixture.start();
    const first = await pulls.pull({ files: [large, small] });
    pulls.hub.log.length = 0;
    assert.deepEqual(await pulls.pull({ files: [large, small] }), first);
    assert.deepEqual(pulls.contentRequests, []);
  });

  it('replaces a file of the wrong content or size', async () => {
    await using pulls = await PullFixture.start();
    await writeFile(path.join(pulls.folder, large.fileName), Buffer.alloc(LARGE_BYTES));
    await writeFile(path.join(pulls.folder, small.fileName), 'short');
    await pulls.pull({ files: [large, small] });
    assert.ok((await pulls.readFile(large.fileName)).equals(LARGE));
    assert.ok((await pulls.readFile(small.fileName)).equals(SMALL));
    assert.equal(pulls.reportedBytes, LARGE_BYTES + SMALL.length);
  });

  it('downloads no more files at a time than `parallel`', async () => {
    await using pulls = await PullFixture.start();
    const files = Array.from({ length: 5 }, (_, i) => ({ ...large, path: `${i}.bin`, fileName: `${i}.bin` }));
    for (const { path: name } of files) pulls.hub.put(REPO, name, LARGE);
    for (const file of files) pulls.injectFaults(file, { kind: 'stall', offset: 1000 });
    const stop = new AbortController();
    pulls.onAdvance = () => pulls.reportedBytes === 3000 && stop.abort();
    await assert.rejects(() => pulls.pull({ files, parallel: 3, signal: stop.signal }));
    assert.equal(pulls.hub.log.filter(({ server }) => server === 'storage').length, 3);
  });

  it('refuses file names with a path, and duplicates', async () => {
    await using pulls = await PullFixture.start();
    for (const fileName of ['', '..', '../vision.onnx', 'a/b']) {
      await assert.rejects(() => pulls.pull({ files: [{ ...large, fileName }] }), /is no file name/);
    }
    await assert.rejects(() => pulls.pull({ files: [large, large] }), /two files would be named "vision\.onnx"/);
    assert.deepEqual(pulls.hub.log, []);
  });
});

describe('disk space', () => {
  it('is checked before any download, without the bytes of partial files', async () => {
    await using pulls = await PullFixture.start();
    const reserveBytes = 2 ** 52;
    const notEnoughSpace = (bytes: number) =>
      new RegExp(`not enough disk space: ${reserveBytes + bytes} bytes needed, \\d+ `);
    await assert.rejects(
      () => pulls.pull({ files: [large, small], policy: { reserveBytes } }),
      notEnoughSpace(3_000_016),
    );
    assert.deepEqual(pulls.contentRequests, []);
    const part = `${large.fileName}.${sha256(LARGE).slice(0, 16)}.part`;
    await writeFile(path.join(pulls.folder, part), LARGE.subarray(0, 1_000_000));
    await assert.rejects(
      () => pulls.pull({ files: [large, small], policy: { reserveBytes } }),
      notEnoughSpace(2_000_016),
    );
    assert.equal(pulls.reportedBytes, 1_000_000);
    await pulls.pull({ files: [large, small] });
    await pulls.pull({ files: [large, small], policy: { reserveBytes } });
  });
});

describe('a wrong checksum', () => {
  const wrong: readonly [string, typeof large, RegExp][] = [
    ['SHA-256 of a large file', large, new RegExp(`it has the SHA-256 [0-9a-f]{64}, the hub says ${sha256(LARGE)}`)],
    ['git SHA-1 of a small file', small, new RegExp(`the git SHA-1 [0-9a-f]{40}, the hub says ${gitSha1(SMALL)}`)],
  ];
  for (const [name, file, message] of wrong) {
    it(`restarts the file once: ${name}`, async () => {
      await using pulls = await PullFixture.start();
      pulls.injectFaults(file, { kind: 'spoil', times: 1 });
      const [pulled] = await pulls.pull({ files: [file] });
      assert.equal(pulls.contentRequests.length, 2);
      assert.equal(pulls.reportedBytes, pulled!.bytes);
      assert.deepEqual(await pulls.fileNames(), [file.fileName]);
    });

    it(`leaves no file if it is wrong again: ${name}`, async () => {
      await using pulls = await PullFixture.start();
      pulls.injectFaults(file, { kind: 'spoil' });
      await assert.rejects(() => pulls.pull({ files: [file] }), { code: 'hub_failed', message });
      await assert.rejects(() => pulls.pull({ files: [file] }), new RegExp(`comics/encoder@main: ${file.path}: `));
      assert.equal(pulls.contentRequests.length, 4);
      assert.deepEqual([await pulls.fileNames(), pulls.reportedBytes], [[], 0]);
    });
  }

  for (const [extraBytes, message] of [
    [7, /has more bytes than the 3000000/],
    [-7, /it has 2999993 bytes, the hub says 3000000/],
  ] as const) {
    it(`or a wrong size restarts the file once: ${extraBytes} bytes`, async () => {
      await using pulls = await PullFixture.start();
      pulls.injectFaults(large, { kind: 'resize', extraBytes, times: 1 });
      await pulls.pull();
      assert.equal(pulls.contentRequests.length, 2);
      await writeFile(path.join(pulls.folder, large.fileName), 'replaced by hand');
      pulls.injectFaults(large, { kind: 'resize', extraBytes });
      await assert.rejects(() => pulls.pull(), message);
      assert.deepEqual(await pulls.fileNames(), [large.fileName]);
      assert.equal(String(await pulls.readFile(large.fileName)), 'replaced by hand');
    });
  }
});
