import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { onResponseClosed } from '../../src/http/on-response-closed.ts';

describe('the end of a response', () => {
  const server = createServer();

  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  /** The server's side of a request that waits for its response. */
  async function makeResponse(signal?: AbortSignal): Promise<ServerResponse> {
    const { port } = server.address() as AddressInfo;
    const requested = once(server, 'request');
    fetch(`http://127.0.0.1:${port}`, { signal: signal ?? null }).catch(() => {});
    const [, response] = await requested;
    return response;
  }

  it('calls all functions in their order, from one listener', async () => {
    const raw = await makeResponse();
    const before = raw.listenerCount('close');
    const calls: number[] = [];
    for (let i = 0; i < 20; i++) onResponseClosed({ raw }, () => calls.push(i));
    assert.equal(raw.listenerCount('close'), before + 1);
    const closed = once(raw, 'close');
    raw.end();
    await closed;
    assert.deepEqual(
      calls,
      Array.from({ length: 20 }, (_, i) => i),
    );
  });

  it('calls a function once where the client has gone before, and where it goes', async () => {
    const controller = new AbortController();
    const raw = await makeResponse(controller.signal);
    const calls: string[] = [];
    onResponseClosed({ raw }, () => calls.push('before'));
    const closed = once(raw, 'close');
    controller.abort();
    await closed;
    onResponseClosed({ raw }, () => calls.push('after'));
    assert.deepEqual(calls, ['before', 'after']);
  });
});
