import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { gitSha1 } from '../support/small-hub.ts';
import { LARGE, LARGE_BYTES, large, Pulls, REPO, SMALL, small } from './pulls.ts';

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

describe('pullFiles', () => {
  for (const xet of [false, true]) {
    it(`brings large and small files under their names, ${xet ? 'with' : 'without'} Xet`, async () => {
      await using pulls = await Pulls.start({ xet });
      assert.deepEqual(await pulls.pull({ files: [large, small] }), [
        { as: 'vision.onnx', bytes: LARGE_BYTES, sha256: sha256(LARGE) },
        { as: 'config.json', bytes: SMALL.length, sha256: sha256(SMALL) },
      ]);
      assert.deepEqual(await pulls.names(), ['config.json', 'vision.onnx']);
      assert.ok((await pulls.read('vision.onnx')).equals(LARGE));
      assert.ok((await pulls.read('config.json')).equals(SMALL));
    });
  }

  it('makes the folder, and finds files in it by awkward paths', async () => {
    await using pulls = await Pulls.start();
    pulls.hub.put(REPO, 'a b/#1 100%.txt', 'awkward');
    const [pulled] = await pulls.pull({ files: [{ ...small, path: 'a b/#1 100%.txt', as: 'awkward.txt' }] });
    assert.equal(pulled!.bytes, 7);
  });

  it('brings empty files', async () => {
    await using pulls = await Pulls.start();
    for (const name of ['empty.json', 'empty.bin']) pulls.hub.put(REPO, name, '');
    const files = ['empty.json', 'empty.bin'].map((name) => ({ ...small, path: name, as: name }));
    assert.deepEqual(
      (await pulls.pull({ files })).map(({ bytes }) => bytes),
      [0, 0],
    );
    assert.deepEqual(await pulls.names(), ['empty.bin', 'empty.json']);
  });

  it('tells the total once, and then every byte', async () => {
    await using pulls = await Pulls.start();
    await pulls.pull({ files: [large, small] });
    assert.deepEqual(pulls.totals, [LARGE_BYTES + SMALL.length]);
    assert.equal(pulls.advanced, LARGE_BYTES + SMALL.length);
    await pulls.pull({ files: [large, small] });
    assert.deepEqual(pulls.totals, [LARGE_BYTES + SMALL.length]);
    assert.deepEqual(new Set(pulls.advances), new Set([LARGE_BYTES, SMALL.length]));
  });

  it('does not download again what is there and right', async () => {
    await using pulls = await Pulls.start();
    const first = await pulls.pull({ files: [large, small] });
    pulls.hub.log.length = 0;
    assert.deepEqual(await pulls.pull({ files: [large, small] }), first);
    assert.deepEqual(pulls.contentRequests, []);
  });

  it('replaces a file of the right size and the wrong content, and of another size', async () => {
    await using pulls = await Pulls.start();
    await writeFile(path.join(pulls.folder, large.as), Buffer.alloc(LARGE_BYTES));
    await writeFile(path.join(pulls.folder, small.as), 'short');
    await pulls.pull({ files: [large, small] });
    assert.ok((await pulls.read(large.as)).equals(LARGE));
    assert.ok((await pulls.read(small.as)).equals(SMALL));
    assert.equal(pulls.advanced, LARGE_BYTES + SMALL.length);
  });

  it('works on no more files at a time than it may', async () => {
    await using pulls = await Pulls.start();
    const files = Array.from({ length: 5 }, (_, at) => ({ ...large, path: `${at}.bin`, as: `${at}.bin` }));
    for (const { path: name } of files) pulls.hub.put(REPO, name, LARGE);
    for (const file of files) pulls.misbehave(file, { kind: 'stall', at: 1000 });
    const stop = new AbortController();
    pulls.onAdvance = () => pulls.advanced === 3000 && stop.abort();
    await assert.rejects(() => pulls.pull({ files, parallel: 3, signal: stop.signal }));
    assert.equal(pulls.hub.log.filter(({ server }) => server === 'storage').length, 3);
  });

  it('refuses names that lead elsewhere or meet', async () => {
    await using pulls = await Pulls.start();
    for (const as of ['', '..', '../vision.onnx', 'a/b']) {
      await assert.rejects(() => pulls.pull({ files: [{ ...large, as }] }), /is no file name/);
    }
    await assert.rejects(() => pulls.pull({ files: [large, large] }), /two files would be named "vision\.onnx"/);
    assert.deepEqual(pulls.hub.log, []);
  });
});

describe('disk space', () => {
  it('is asked for before anything is downloaded, less what parts hold', async () => {
    await using pulls = await Pulls.start();
    const reserveBytes = 2 ** 52;
    const needs = (bytes: number) => new RegExp(`not enough disk space: ${reserveBytes + bytes} bytes needed, \\d+ `);
    await assert.rejects(() => pulls.pull({ files: [large, small], tuning: { reserveBytes } }), needs(3_000_016));
    assert.deepEqual(pulls.contentRequests, []);
    const part = `${large.as}.${sha256(LARGE).slice(0, 16)}.part`;
    await writeFile(path.join(pulls.folder, part), LARGE.subarray(0, 1_000_000));
    await assert.rejects(() => pulls.pull({ files: [large, small], tuning: { reserveBytes } }), needs(2_000_016));
    assert.equal(pulls.advanced, 1_000_000);
    await pulls.pull({ files: [large, small] });
    await pulls.pull({ files: [large, small], tuning: { reserveBytes } });
  });
});

describe('checksums', () => {
  const wrong: readonly [string, typeof large, RegExp][] = [
    ['SHA-256 of a large file', large, new RegExp(`it has the SHA-256 [0-9a-f]{64}, the hub says ${sha256(LARGE)}`)],
    ['git SHA-1 of a small file', small, new RegExp(`the git SHA-1 [0-9a-f]{40}, the hub says ${gitSha1(SMALL)}`)],
  ];
  for (const [what, file, message] of wrong) {
    it(`start the file anew once for a wrong ${what}`, async () => {
      await using pulls = await Pulls.start();
      pulls.misbehave(file, { kind: 'spoil', times: 1 });
      const [pulled] = await pulls.pull({ files: [file] });
      assert.equal(pulls.contentRequests.length, 2);
      assert.equal(pulls.advanced, pulled!.bytes);
      assert.deepEqual(await pulls.names(), [file.as]);
    });

    it(`leave nothing when the ${what} is wrong again`, async () => {
      await using pulls = await Pulls.start();
      pulls.misbehave(file, { kind: 'spoil' });
      await assert.rejects(() => pulls.pull({ files: [file] }), { code: 'hub_failed', message });
      await assert.rejects(() => pulls.pull({ files: [file] }), new RegExp(`comics/encoder@main: ${file.path}: `));
      assert.equal(pulls.contentRequests.length, 4);
      assert.deepEqual([await pulls.names(), pulls.advanced], [[], 0]);
    });
  }

  for (const [by, message] of [
    [7, /has more bytes than the 3000000/],
    [-7, /it has 2999993 bytes, the hub says 3000000/],
  ] as const) {
    it(`count sizes, too: ${by} bytes`, async () => {
      await using pulls = await Pulls.start();
      pulls.misbehave(large, { kind: 'resize', by, times: 1 });
      await pulls.pull();
      assert.equal(pulls.contentRequests.length, 2);
      await writeFile(path.join(pulls.folder, large.as), 'replaced by hand');
      pulls.misbehave(large, { kind: 'resize', by });
      await assert.rejects(() => pulls.pull(), message);
      assert.deepEqual(await pulls.names(), [large.as]);
      assert.equal(String(await pulls.read(large.as)), 'replaced by hand');
    });
  }
});
