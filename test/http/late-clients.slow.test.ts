import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import request from 'supertest';
import { useKeyedService } from '../support/keyed-service.ts';
import { waitFor } from '../support/wait-for.ts';

const MAX_BODIES_BYTES = 1_000_000;
const NO_BODY = 'content-length: 0';

describe('a client that leaves while its key is verified', () => {
  const service = useKeyedService({ PANELVEC_MAX_BODIES_BYTES: String(MAX_BODIES_BYTES) });

  /** Sends the head of a request with a key that was never used, so that its slow hash runs, and leaves meanwhile. */
  async function sendAndLeave(key: string, header: string): Promise<void> {
    const { port, hostname } = new URL(service.address);
    const started = once(service.app.server, 'request');
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST /v1/embeddings/text HTTP/1.1\r\nhost: a\r\nx-api-key: ${key}\r\ncontent-type: application/json\r\n${header}\r\n\r\n`,
    );
    const [, response] = (await started) as [unknown, ServerResponse];
    const closed = once(response, 'close');
    socket.destroy();
    await closed;
  }

  const embed = (key: string, input: string) =>
    request(service.address)
      .post('/v1/embeddings/text')
      .auth(key, { type: 'bearer' })
      .send({ input: [input] });

  it('gives back its place among the concurrent requests of the key', async () => {
    const { key } = await service.makeKey(['embed'], { limits: { maxConcurrent: 1 } });
    await sendAndLeave(key, NO_BODY);
    await waitFor('the place', async () => (await embed(key, 'rain')).status === 200);
  });

  it('holds no memory for its body', async () => {
    const { key } = await service.makeKey(['embed']);
    await sendAndLeave(key, `content-length: ${MAX_BODIES_BYTES - 1000}`);
    const { status } = await embed(key, 'rain'.repeat(500));
    assert.equal(status, 200);
  });
});
