import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import type { RunningService } from '../../../../src/http/server.ts';
import { drawPngPanel, toDataUri } from '../../../support/images.ts';
import { startService } from '../../../support/in-process-service.ts';
import { maxDifference } from '../../../support/numeric.ts';
import { makeSmallStage3 } from '../../../support/small-stage3.ts';
import { assertRefused } from '../../../support/strict-service.ts';

/** A model with SigLIP's own text tower. */
let small: Awaited<ReturnType<typeof makeSmallStage3>>;
let service: RunningService;
let image: string;
before(async () => {
  small = await makeSmallStage3();
  service = await startService({ PANELVEC_HOME: small.home, PANELVEC_MODELS: 'stage3-base' });
  image = toDataUri(await drawPngPanel(1));
});
after(async () => {
  await service.close();
  await small.remove();
});

function post(body: object) {
  return request(service.address)
    .post('/v1/zero-shot')
    .send({ images: [image], ...body });
}

describe('scores of a model with a text tower for labels', () => {
  it('are sigmoids of the cosines of the two towers', async () => {
    const { body } = await post({ labels: ['a cat', 'a rainy street', 'a dog'] }).expect(200);
    const { temperature, bias, ...scoring } = body.scoring;
    assert.deepEqual(scoring, { kind: 'sigmoid', vectors: 'siglip' });
    const [{ scores, cosines }] = body.data;
    const expected = cosines.map((cosine: number) => 1 / (1 + Math.exp(-(cosine / temperature + bias))));
    assert.ok(maxDifference(scores, expected) < 1e-12);
    assert.ok(new Set(cosines).size === 3 && cosines.every((cosine: number) => Math.abs(cosine) < 1), `${cosines}`);
    const { body: models } = await request(service.address).get('/v1/models').expect(200);
    assert.deepEqual(models.data[0].zero_shot, body.scoring);
  });

  it('ignore case and punctuation, as the tokenizer of the tower does', async () => {
    const [plain, marked] = await Promise.all(
      ['a cat', 'A cat!'].map((label) => post({ labels: [label] }).expect(200)),
    );
    assert.deepEqual(marked!.body.data[0].cosines, plain!.body.data[0].cosines);
    assertRefused(await post({ labels: ['a cat', 'A cat!'] }), 400, 'invalid_request', 'labels[1]');
    assertRefused(await post({ labels: ['a cat', '!?'] }), 422, 'text_unsupported', 'labels[1]');
  });

  it('say which labels the tower does not read to their end', async () => {
    const { body } = await post({ labels: ['a cat', 'qx'.repeat(60)] }).expect(200);
    assert.deepEqual(
      body.labels.map(({ truncated }: { truncated: boolean }) => truncated),
      [false, true],
    );
  });
});
