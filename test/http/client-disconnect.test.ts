import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { it } from 'node:test';
import Fastify from 'fastify';
import { clientDisconnectSignal } from '../../src/http/client-disconnect.ts';

it('a client that goes away aborts the work for it, also before the work begins', async () => {
  const app = Fastify();
  const signals: AbortSignal[] = [];
  const handled = Promise.withResolvers<void>();
  app.get('/', async (_, reply) => {
    signals.push(clientDisconnectSignal(reply));
    socket.destroy();
    await once(reply.raw, 'close');
    signals.push(clientDisconnectSignal(reply));
    handled.resolve();
  });
  const { port, hostname } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
  const socket = connect(Number(port), hostname);
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  await handled.promise;
  await app.close();
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [true, true],
  );
});

it('a response that is sent aborts nothing', async () => {
  const app = Fastify();
  const signals: AbortSignal[] = [];
  app.get('/', async (_, reply) => {
    signals.push(clientDisconnectSignal(reply));
    return 'done';
  });
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  assert.equal(await (await fetch(address)).text(), 'done');
  await app.close();
  assert.equal(signals[0]?.aborted, false);
});
