import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { ServiceClient } from '../../src/cli/service-client.ts';
import { SKIP_WITHOUT_IPV6 } from '../support/ipv6.ts';

/** Starts a server that answers like a service with one job, which has ended. */
async function startServer(host: string) {
  const requests: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    authorizations.push(request.headers.authorization);
    if (request.url === '/v1/jobs/a/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end('id: 7\ndata: {"state":"succeeded"}\n\n');
    } else if (request.url === '/v1/jobs/b/events') {
      response.writeHead(409).end('{"error":{"code":"job_ended","message":"it has ended","param":null}}');
    } else response.end('{"data":[]}');
  });
  await once(server.listen(0, host), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    authorizations,
    async [Symbol.asyncDispose]() {
      server.close().closeAllConnections();
      await once(server, 'close');
    },
  };
}

describe('the client of the command line', () => {
  const hosts: readonly [host: string, address: string, needsIpv6: boolean][] = [
    ['127.0.0.1', 'http://127.0.0.1', false],
    ['localhost', 'http://localhost', false],
    ['0.0.0.0', 'http://127.0.0.1', false],
    ['::1', 'http://[::1]', true],
    ['::', 'http://[::1]', true],
    ['0:0::0', 'http://[::1]', true],
  ];
  for (const [host, address, needsIpv6] of hosts) {
    const skip = needsIpv6 && SKIP_WITHOUT_IPV6;
    it(`reaches a service that listens on ${host}, for health and for jobs`, { skip }, async () => {
      await using server = await startServer(host);
      const client = new ServiceClient({ host, port: server.port });
      assert.equal(client.address, `${address}:${server.port}`);
      await client.assertReady();
      assert.deepEqual(await client.requestJson('GET', '/v1/jobs'), { data: [] });
      const events: [string | undefined, string][] = [];
      await client.readEvents('a', undefined, (id, data) => events.push([id, data]));
      assert.deepEqual(events, [['7', '{"state":"succeeded"}']]);
      assert.deepEqual(server.requests, ['GET /health/ready', 'GET /v1/jobs', 'GET /v1/jobs/a/events']);
    });
  }

  it('sends its key with each call, and none if it has none', async () => {
    await using server = await startServer('127.0.0.1');
    for (const apiKey of ['pv_key', undefined]) {
      const client = new ServiceClient({ host: '127.0.0.1', port: server.port, apiKey });
      await client.requestJson('POST', '/v1/jobs', { headers: { 'content-type': 'application/json' }, body: '{}' });
      await client.readEvents('a', undefined, () => {});
    }
    assert.deepEqual(server.authorizations, ['Bearer pv_key', 'Bearer pv_key', undefined, undefined]);
  });

  it('throws the error of the service, or its own if no service answers', async () => {
    await using server = await startServer('127.0.0.1');
    const client = new ServiceClient({ host: '127.0.0.1', port: server.port });
    await assert.rejects(
      client.readEvents('b', undefined, () => {}),
      { code: 'job_ended', message: 'it has ended' },
    );
    await server[Symbol.asyncDispose]();
    const message = /^no service answers at http:\/\/127\.0\.0\.1:\d+: connect ECONNREFUSED/;
    await assert.rejects(client.requestJson('GET', '/v1/jobs'), { code: 'engine_unavailable', message });
    const notReady = /^http:\/\/127\.0\.0\.1:\d+\/health\/ready does not answer: connect ECONNREFUSED/;
    await assert.rejects(client.assertReady(), { code: 'engine_unavailable', message: notReady });
  });

  it('refuses an invalid host', () => {
    const message = 'HOST (--host): "no such host" is not a host name or address';
    assert.throws(() => new ServiceClient({ host: 'no such host', port: 80 }), { code: 'config_invalid', message });
  });
});
