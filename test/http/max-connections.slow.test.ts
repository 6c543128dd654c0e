import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { Agent, fetch } from 'undici';
import { useTinyService } from '../support/tiny-service.ts';
import { waitFor } from '../support/wait-for.ts';

const MAX_CONNECTIONS = 20;

const service = useTinyService({
  PANELVEC_MAX_CONNECTIONS: String(MAX_CONNECTIONS),
  PANELVEC_REQUEST_TIMEOUT_SECONDS: '2',
});
const sockets: Socket[] = [];

/** Opens connections that send nothing. */
async function openIdle(count: number): Promise<Socket[]> {
  const { hostname, port } = new URL(service.address);
  const opened = Array.from({ length: count }, () => connect(Number(port), hostname));
  for (const socket of opened) socket.on('error', () => {}).resume();
  sockets.push(...opened);
  await Promise.all(opened.map((socket) => once(socket, 'connect')));
  return opened;
}

function countConnections(): Promise<number> {
  return new Promise((resolve, reject) => {
    service.app.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}

/** Connections that were closed at once, read over a connection that is open already. */
async function countDropped(dispatcher: Agent): Promise<number> {
  const response = await fetch(`${service.address}/metrics`, { dispatcher });
  const count = /^panelvec_connections_dropped_total (\d+)$/m.exec(await response.text())?.[1];
  return Number(count);
}

describe('connections beyond the limit', () => {
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  it('are closed at once and counted, while those that are open are served', async () => {
    const dispatcher = new Agent({ connections: 1 });
    const dropped = await countDropped(dispatcher);
    await openIdle(MAX_CONNECTIONS - 1);
    const [refused] = await openIdle(1);
    await waitFor('the end of the connection', () => refused?.closed);
    assert.equal(await countDropped(dispatcher), dropped + 1);
    await dispatcher.close();
  });

  it('find a place again when idle ones have been closed', async () => {
    const isAlive = () =>
      fetch(`${service.address}/health/live`, { dispatcher }).then(
        ({ ok }) => ok,
        () => false,
      );
    const dispatcher = new Agent({ pipelining: 0 });
    await waitFor('the end of all connections', async () => (await countConnections()) === 0);
    await openIdle(MAX_CONNECTIONS);
    await waitFor('all to be counted', async () => (await countConnections()) === MAX_CONNECTIONS);
    assert.equal(await isAlive(), false);
    await waitFor('room', isAlive);
    await dispatcher.close();
  });
});
