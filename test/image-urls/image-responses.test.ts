import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { everyNameIs } from '../support/dns-server.ts';
import { HOST_ADDRESS, MAX_BYTES, refusal, useFetchBench } from '../support/fetch-image.ts';
import { waitFor } from '../support/wait-for.ts';

const bench = useFetchBench();

describe('a redirect', () => {
  const respondRedirect = (location: string) => {
    bench.host.respond = ({ url }, response) => {
      if (url === '/start') response.writeHead(302, { location, 'set-cookie': 'a=b' }).end('secret');
      else response.end('image');
    };
  };

  it('is followed to a path of the list, without cookies and credentials', async () => {
    for (const location of ['/image.png', '//images.test:PORT/image.png', 'http://images.test:PORT/image.png']) {
      respondRedirect(location.replace('PORT', String(bench.host.port)));
      assert.equal(String(await bench.fetch(bench.url('/start'))), 'image', location);
      const { headers, url } = bench.host.requests.at(-1) as IncomingMessage;
      assert.equal(url, '/image.png');
      assert.deepEqual(Object.keys(headers).sort(), ['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
    }
  });

  it('is refused where it leads out of the list', async () => {
    const refused = refusal('image_url_refused', /^the host redirects: /);
    for (const location of [
      'http://169.254.169.254/latest/meta-data/',
      `http://127.0.0.1:${bench.host.port}/image.png`,
      'http://2852039166/',
      'https://images.test/image.png',
      'http://images.test:1/image.png',
      'http://stranger.test/image.png',
      `http://user:password@images.test:${bench.host.port}/image.png`,
      'file:///etc/passwd',
      'ftp://images.test/image.png',
      'data:image/png;base64,aaaa',
      'http://[',
      `/${'a'.repeat(3000)}`,
    ]) {
      respondRedirect(location);
      await assert.rejects(bench.fetch(bench.url('/start')), refused, location);
    }
    assert.ok(bench.host.requests.every(({ url }) => url === '/start'));
  });

  it('is refused where the name has another address by then, which is not public', async () => {
    respondRedirect('/image.png');
    let asked = 0;
    bench.dns.answers = (name, type) => everyNameIs(asked++ < 2 ? HOST_ADDRESS : '10.0.0.1')(name, type);
    await assert.rejects(bench.fetch(bench.url('/start')), refusal('image_url_refused', /not public/));
  });

  it('is followed three times, and not in circles', async () => {
    bench.host.respond = ({ url }, response) => {
      const left = Number(url?.slice(1));
      if (left === 0) response.end('image');
      else response.writeHead(307, { location: `/${left - 1}` }).end();
    };
    assert.equal(String(await bench.fetch(bench.url('/3'))), 'image');
    const failed = refusal('image_fetch_failed', /^the host redirects more than 3 times$/);
    await assert.rejects(bench.fetch(bench.url('/4')), failed);
    bench.host.respond = (_, response) => response.writeHead(301, { location: '/' }).end();
    await assert.rejects(bench.fetch(bench.url('/')), failed);
    bench.host.respond = (_, response) => response.writeHead(302).end();
    await assert.rejects(bench.fetch(bench.url('/')), refusal('image_fetch_failed', /without saying where$/));
  });
});

describe('a response', () => {
  it('of many bytes is cut off, whether it announces them or not', async () => {
    const tooLarge = refusal('image_too_large', /^the image has over 100000 bytes$/);
    bench.host.respond = (_, response) => response.writeHead(200, { 'content-length': MAX_BYTES + 1 }).write('a');
    await assert.rejects(bench.fetch(bench.url('/')), tooLarge);
    let sentBytes = 0;
    const endless = function* () {
      for (; sentBytes < 1000 * MAX_BYTES; sentBytes += 10_000) yield Buffer.alloc(10_000);
    };
    bench.host.respond = (_, response) => pipeline(Readable.from(endless()), response, () => {});
    await assert.rejects(bench.fetch(bench.url('/')), tooLarge);
    await waitFor('the connection to close', () => bench.host.sockets.size === 0);
    assert.ok(sentBytes < 100 * MAX_BYTES, `${sentBytes} bytes were sent`);
    assert.deepEqual(bench.outcomes, ['too_large', 'too_large']);
    bench.host.respond = (_, response) => response.end(Buffer.alloc(MAX_BYTES));
    assert.equal((await bench.fetch(bench.url('/'))).byteLength, MAX_BYTES);
  });

  it('is counted while it comes, and ends where there is no room for it', async () => {
    bench.host.respond = (_, response) => response.end(Buffer.alloc(50_000));
    const counts: number[] = [];
    await bench.fetch(bench.url('/'), undefined, { countBytes: (bytes) => counts.push(bytes) });
    assert.equal(Math.max(...counts), 50_000);
    const full = new Error('no room');
    const countBytes = () => {
      throw full;
    };
    await assert.rejects(bench.fetch(bench.url('/'), undefined, { countBytes }), full);
    await waitFor('the connection to close', () => bench.host.sockets.size === 0);
  });

  it('that comes slowly, or not at all, ends in time', async () => {
    const fetcher = bench.createFetcher({ seconds: 0.3 });
    const late = refusal('image_fetch_failed', /^the image did not arrive within 0.3 seconds$/);
    let timer: NodeJS.Timeout | undefined;
    const behaviours: ((response: ServerResponse) => void)[] = [
      () => {},
      (response) => response.flushHeaders(),
      (response) => {
        timer = setInterval(() => response.write('a'), 20);
      },
      (response) => {
        timer = setInterval(() => response.writeProcessing(), 20);
      },
    ];
    for (const behave of behaviours) {
      bench.host.respond = (_, response) => behave(response);
      await assert.rejects(bench.fetch(bench.url('/'), fetcher), late, String(behave));
      await waitFor('the connection to close', () => bench.host.sockets.size === 0);
      clearInterval(timer);
    }
    assert.deepEqual(new Set(bench.outcomes), new Set(['failed']));
  });

  it('that is compressed is not read, however small it is', async () => {
    bench.host.respond = (_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000)));
    await assert.rejects(bench.fetch(bench.url('/')), refusal('image_fetch_failed', /compresses the image/));
    assert.equal(bench.host.requests[0]?.headers['accept-encoding'], 'identity');
  });

  it('that is an error tells its status and nothing of its body', async () => {
    for (const status of [204, 206, 304, 401, 404, 500]) {
      bench.host.respond = (_, response) => response.writeHead(status, 'secret').end('secret');
      const failed = refusal('image_fetch_failed', new RegExp(`^the host responds with the status ${status}$`));
      await assert.rejects(bench.fetch(bench.url('/')), failed);
    }
  });

  it('that is cut off, broken or has endless headers is an error', async () => {
    const failed = refusal('image_fetch_failed', /^the host (cannot be reached|ended the connection)/);
    const bytes = {
      short: 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc',
      'no HTTP': 'hello\r\n\r\n',
      empty: '',
      headers: `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(10_000)}\r\n`,
      switching: 'HTTP/1.1 101 Switching\r\nupgrade: a\r\nconnection: upgrade\r\n\r\n',
    };
    for (const [kind, text] of Object.entries(bytes)) {
      bench.host.respond = ({ socket }) => socket.end(text);
      await assert.rejects(bench.fetch(bench.url('/')), failed, kind);
    }
  });
});

describe('a connection', () => {
  it('must be there, with TLS, within five seconds', async ({ mock }) => {
    await using silent = createServer().listen(0, HOST_ADDRESS);
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    mock.timers.enable({ apis: ['setTimeout'] });
    const fetching = bench.fetch(
      `https://images.test:${port}/`,
      bench.createFetcher({ hosts: [`images.test:${port}`] }),
    );
    const failed = assert.rejects(fetching, refusal('image_fetch_failed', /^the host cannot be reached$/));
    const [socket] = await once(silent, 'connection');
    mock.timers.tick(5000);
    await failed;
    socket.destroy();
  });
});

describe('a client that leaves', () => {
  it('ends what is fetched for it', async () => {
    bench.host.respond = (_, response) => response.write('a');
    const controller = new AbortController();
    const fetching = bench.fetch(bench.url('/'), undefined, { signal: controller.signal });
    await waitFor('the request', () => bench.host.requests.length === 1);
    controller.abort();
    await assert.rejects(fetching, { code: 'request_cancelled' });
    await waitFor('the connection to close', () => bench.host.sockets.size === 0);
    assert.deepEqual([bench.outcomes, bench.logLines], [['cancelled'], []]);
  });
});

describe('many URLs at once', () => {
  it('are fetched 32 at a time, and refused beyond 512 that wait', async () => {
    const { host } = bench;
    host.respond = (_, response) => response.write('a');
    const controller = new AbortController();
    const fetcher = bench.createFetcher({ seconds: 600 });
    const fetches = Array.from({ length: 32 + 512 + 5 }, () =>
      bench.fetch(bench.url('/'), fetcher, { signal: controller.signal }).catch(({ code }) => code),
    );
    const codes = await Promise.all(fetches.slice(-4));
    assert.deepEqual(new Set(codes), new Set(['queue_full']));
    await waitFor('the requests', () => host.requests.length === 32);
    controller.abort();
    const ended = await Promise.all(fetches);
    assert.equal(ended.filter((code) => code === 'request_cancelled').length, 544);
    assert.equal(host.requests.length, 32);
  });

  it('leave at once when they are given up before their turn, and make room', async () => {
    const { host } = bench;
    host.respond = (_, response) => response.write('a');
    const running = new AbortController();
    const fetcher = bench.createFetcher({ seconds: 600 });
    const start = (count: number, { signal }: AbortController) =>
      Array.from({ length: count }, () =>
        bench.fetch(bench.url('/'), fetcher, { signal }).catch(({ code }) => String(code)),
      );
    const first = start(32, running);
    await waitFor('the requests', () => host.requests.length === 32);
    for (let round = 0; round < 2; round++) {
      const controller = new AbortController();
      const ended = start(512, controller);
      controller.abort();
      assert.deepEqual(new Set(await Promise.all(ended)), new Set(['request_cancelled']));
    }
    host.respond = (_, response) => response.end('b');
    const [last] = start(1, new AbortController());
    running.abort();
    await Promise.all(first);
    assert.equal(String(await last), 'b');
    assert.equal(host.requests.length, 33);
  });
});
