import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import request from 'supertest';
import { FAULTY_TOKENS, useFaultySessions } from '../support/faulty-sessions.ts';
import { drawPngPanel, toDataUri } from '../support/images.ts';
import { letterOf } from '../support/tiny-model.ts';
import { useTinyService } from '../support/tiny-service.ts';

let stopFaults: () => void;
before(() => {
  stopFaults = useFaultySessions();
});
after(() => stopFaults());
// A busy machine must not decide which requests are refused.
const service = useTinyService({ PANELVEC_QUEUE_TIMEOUT_SECONDS: '600' });

const poison = `boom ${letterOf(FAULTY_TOKENS.crash)}`;

it('a panel that ends its engine again and again is refused by the name of its field, on every route', async () => {
  const image = toDataUri(await drawPngPanel(1));
  const box = { bbox: [0, 0, 60, 60] };
  const bodies: [path: string, body: object, param: string][] = [
    ['/v1/embeddings/panel', { input: [{ text: 'boom' }, { image, text: poison }] }, 'input[1]'],
    ['/v1/embeddings/text', { input: ['boom', poison] }, 'input[1]'],
    ['/v1/embeddings', { input: ['boom', 'who goes there', poison] }, 'input[2]'],
    [
      '/v1/embeddings/page',
      {
        image,
        panels: [
          { ...box, text: 'boom' },
          { ...box, text: poison },
        ],
      },
      'panels[1]',
    ],
  ];
  for (const [path, body, param] of bodies) {
    const response = await request(service.address).post(path).send(body);
    assert.equal(response.status, 422, `${path}: ${response.text}`);
    const { code, param: named, message } = response.body.error;
    assert.deepEqual([code, named], ['poisoned_input', param], path);
    assert.match(message, /engine ends each time/);
  }
  const response = await request(service.address)
    .post('/v1/embeddings/text')
    .send({ input: ['boom'] });
  assert.equal(response.status, 200, response.text);
});
