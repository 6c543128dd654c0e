import assert from 'node:assert/strict';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Fastify from 'fastify';
import { pipelinedRequests } from '../../../src/http/plugins/pipelined-requests.ts';
import { waitFor } from '../../support/wait-for.ts';

const REQUESTS = 20;

describe('requests that a client pipelines', () => {
  const app = Fastify();
  const begun: string[] = [];
  let running = 0;
  let mostRunning = 0;
  let isHeld = false;
  const serverSockets = new Set<Socket>();
  app.server.on('connection', (socket) => serverSockets.add(socket));

  before(async () => {
    await app.register(pipelinedRequests);
    app.get('/:name', async ({ params }) => {
      begun.push((params as { name: string }).name);
      mostRunning = Math.max(mostRunning, ++running);
      await nextTurn();
      if (isHeld) await waitFor('the release', async () => !isHeld);
      running--;
      return params;
    });
    await app.listen();
  });
  beforeEach(() => {
    begun.length = 0;
    mostRunning = 0;
  });
  after(() => app.close());

  const address = () => app.server.address() as AddressInfo;

  function pipeline(): Socket {
    const socket = connect(address().port);
    socket.write(Array.from({ length: REQUESTS }, (_, i) => `GET /${i} HTTP/1.1\r\nhost: a\r\n\r\n`).join(''));
    return socket;
  }

  /** Ends a connection. Resolves when the server knows it. */
  async function leave(socket: Socket): Promise<void> {
    const ended = [...serverSockets].find(({ remotePort }) => remotePort === socket.localPort);
    socket.resetAndDestroy();
    await waitFor('the end of the connection', () => ended?.closed);
  }

  it('are handled one after the other, and answered in their order', async () => {
    const socket = pipeline();
    let text = '';
    for await (const chunk of socket) {
      text += chunk;
      if (text.includes(`{"name":"${REQUESTS - 1}"}`)) break;
    }
    const names = Array.from({ length: REQUESTS }, (_, i) => String(i));
    assert.deepEqual(
      [...text.matchAll(/\{"name":"(\d+)"\}/g)].map(([, name]) => name),
      names,
    );
    assert.deepEqual(begun, names);
    assert.equal(mostRunning, 1);
  });

  it('do not hold up those of another connection', async () => {
    isHeld = true;
    const socket = pipeline();
    await waitFor('the first', async () => begun.includes('0'));
    const response = fetch(`http://localhost:${address().port}/other`);
    await waitFor('the other', async () => begun.includes('other'));
    assert.deepEqual(begun, ['0', 'other']);
    isHeld = false;
    assert.equal((await response).status, 200);
    await leave(socket);
  });

  it('are not begun once their client has gone', async () => {
    isHeld = true;
    const socket = pipeline();
    await waitFor('the first', async () => begun.includes('0'));
    await leave(socket);
    isHeld = false;
    await waitFor('the end of the first', async () => running === 0);
    assert.equal((await fetch(`http://localhost:${address().port}/later`)).status, 200);
    assert.deepEqual(begun, ['0', 'later']);
  });
});
