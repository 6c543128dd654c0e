import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import type { PanelvecError } from '../../src/errors.ts';
import { LARGE_BYTES, large, PullFixture, type PullOptions, small } from './pull-fixture.ts';

const TOKEN = 'hf_readOnly';

async function startServer(listener: RequestListener) {
  const server = createServer(listener);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close().closeAllConnections();
      await once(server, 'close');
    },
  };
}

describe('the token', () => {
  it('is sent to the hub and never to the storage', async () => {
    await using pulls = await PullFixture.start();
    for (const file of [large, small]) pulls.injectFaults(file, { kind: 'token', token: TOKEN });
    await pulls.pull({ files: [large, small], token: TOKEN });
    const sent = (server: string) =>
      new Set(pulls.hub.log.filter((entry) => entry.server === server).map(({ authorization }) => authorization));
    assert.deepEqual(sent('hub'), new Set([`Bearer ${TOKEN}`]));
    assert.deepEqual(sent('storage'), new Set([undefined]));
  });

  it('is not sent again after a redirect away from the hub, even back to it', async () => {
    await using pulls = await PullFixture.start();
    const seen: [string, string | undefined][] = [];
    const startRedirect = (name: string, target: (url: string) => string) =>
      startServer((request, response) => {
        seen.push([name, request.headers.authorization]);
        response.writeHead(302, { location: target(request.url!) }).end();
      });
    await using elsewhere = await startRedirect('elsewhere', (url) => `${hub.address}/back${url}`);
    await using hub = await startRedirect('hub', (url) =>
      url.startsWith('/back') ? `${pulls.hub.endpoint}${url.slice(5)}` : `${elsewhere.address}${url}`,
    );
    await pulls.pull({ endpoint: `${hub.address}/`, token: TOKEN });
    assert.deepEqual(seen.slice(0, 3), [
      ['hub', `Bearer ${TOKEN}`],
      ['elsewhere', undefined],
      ['hub', undefined],
    ]);
    assert.ok(pulls.hub.log.every(({ authorization }) => authorization === undefined));
  });

  it('is not quoted in an error about itself', async () => {
    await using pulls = await PullFixture.start();
    for (const token of ['hf_secret\n', 'hf_sécret']) {
      await assert.rejects(
        () => pulls.pull({ token }),
        (error: Error) => /the token \(HF_TOKEN\)/.test(error.message) && !/hf_/.test(error.message),
      );
    }
  });
});

describe('permanent errors', () => {
  const guarded = { kind: 'token', token: TOKEN } as const;
  const cases: readonly [string, PullOptions, RegExp][] = [
    [
      'no token',
      {},
      /comics\/encoder@main: onnx\/model\.onnx: the hub answers 401: the file needs a token \(HF_TOKEN\)/,
    ],
    ['a wrong token', { token: 'hf_other' }, /answers 403: the token \(HF_TOKEN\) is not accepted/],
    [
      'a missing file',
      { token: TOKEN, files: [{ ...large, path: 'nothing.onnx' }] },
      /no file "nothing\.onnx" in comics\/encoder at the revision "main"/,
    ],
    ['a missing revision', { token: TOKEN, files: [{ ...large, revision: 'v/9' }] }, /at the revision "v\/9"/],
    [
      'a missing repository',
      { token: TOKEN, files: [{ ...large, repo: 'no/body' }] },
      /"onnx\/model.onnx" in no\/body/,
    ],
    [
      'a repository that may be private',
      { files: [{ ...large, repo: 'no/body' }] },
      /401: .* or there is no such repository/,
    ],
    ['a password in the endpoint', { endpoint: 'http://me:secret@host' }, /^the endpoint of the hub must not hold/],
    ['an endpoint that is not a URL', { endpoint: 'hub' }, /the endpoint of the hub "hub" is no http\(s\) address/],
  ];
  for (const [name, options, message] of cases) {
    it(`are not retried: ${name}`, async () => {
      await using pulls = await PullFixture.start();
      pulls.injectFaults(large, guarded);
      await assert.rejects(() => pulls.pull(options), { name: 'HubError', message });
      assert.deepEqual([pulls.waits, await pulls.fileNames()], [[], []]);
      assert.ok(pulls.hub.log.length <= 1);
    });
  }

  it('stop a pull before any file is downloaded', async () => {
    await using pulls = await PullFixture.start();
    await assert.rejects(() => pulls.pull({ files: [large, { ...small, path: 'nothing.json' }] }), /nothing\.json/);
    assert.deepEqual(pulls.contentRequests, []);
  });

  it('name an ETag that is not a checksum', async () => {
    await using pulls = await PullFixture.start();
    await using mirror = await startServer((_, response) => {
      response.writeHead(200, { etag: '"5d41402a"', 'content-length': 4 }).end('text');
    });
    await assert.rejects(() => pulls.pull({ endpoint: mirror.address }), /the ETag "5d41402a" holds no checksum/);
  });

  it('name a response without size and ETag', async () => {
    await using pulls = await PullFixture.start();
    await using other = await startServer((_, response) => void response.end('hello'));
    await assert.rejects(() => pulls.pull({ endpoint: other.address }), /the hub's answer cannot be used: /);
  });

  it('name a redirect to another protocol, and a loop of redirects', async () => {
    await using pulls = await PullFixture.start();
    let location = 'file:///etc/passwd';
    await using other = await startServer((_, response) => void response.writeHead(302, { location }).end());
    await assert.rejects(() => pulls.pull({ endpoint: other.address }), /redirects to "file:\/\/\/etc\/passwd"/);
    location = '/again';
    await assert.rejects(() => pulls.pull({ endpoint: other.address }), /redirected more than 5 times/);
  });
});

describe('transient errors', () => {
  for (const status of [429, 500, 503]) {
    it(`are retried, after twice the wait each time: ${status}`, async () => {
      await using pulls = await PullFixture.start();
      pulls.injectFaults(large, { kind: 'status', status, times: 3 });
      await pulls.pull();
      assert.deepEqual(pulls.waits, [1000, 2000, 4000]);
      assert.equal(pulls.reportedBytes, LARGE_BYTES);
    });
  }

  it('are retried after the wait that the server asks for', async () => {
    await using pulls = await PullFixture.start();
    const limited = { kind: 'status', status: 429, times: 1 } as const;
    pulls.injectFaults(large, { ...limited, retryAfter: '17' }, { ...limited, retryAfter: '0' });
    await pulls.pull();
    assert.deepEqual(pulls.waits, [17_000, 2000]);
    const date = new Date(Date.now() + 60_000).toUTCString();
    pulls.injectFaults(large, { ...limited, retryAfter: date });
    await pulls.pull();
    assert.ok(pulls.waits[2]! > 30_000 && pulls.waits[2]! <= 60_000, String(pulls.waits[2]));
  });

  it('are not retried if the server asks for a very long wait', async () => {
    await using pulls = await PullFixture.start();
    pulls.injectFaults(large, { kind: 'status', status: 429, retryAfter: '9000' });
    await assert.rejects(
      () => pulls.pull(),
      (error: PanelvecError) =>
        error.retryAfterSeconds === 9000 && /answers 429 and asks for a wait of 9000 s/.test(error.message),
    );
    assert.deepEqual(pulls.waits, []);
  });

  it('fail the file after some attempts', async () => {
    await using pulls = await PullFixture.start();
    pulls.injectFaults(large, { kind: 'status', status: 500 });
    await assert.rejects(() => pulls.pull({ policy: { maxTries: 3 } }), /model\.onnx: gave up after 3 tries: .* 500$/);
    assert.equal(pulls.waits.length, 2);
  });

  it('of the storage, for an expired link, make the pull request a new link', async () => {
    await using pulls = await PullFixture.start();
    pulls.injectFaults(large, { kind: 'status', status: 403, server: 'storage', times: 1 });
    await pulls.pull();
    assert.equal(pulls.waits.length, 1);
  });
});
