import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import request from 'supertest';
import { cosineSimilarity } from '../../../../src/util/vectors.ts';
import { drawPngPanel, toDataUri } from '../../../support/images.ts';
import { maxDifference } from '../../../support/numeric.ts';
import { assertRefused, postJson } from '../../../support/strict-service.ts';
import { useTinyService } from '../../../support/tiny-service.ts';

const service = useTinyService({ PANELVEC_MAX_TEXTS: '4', PANELVEC_MAX_ITEMS: '3' });
let pictures: Buffer[];
let images: string[];
before(async () => {
  pictures = await Promise.all([1, 2].map(drawPngPanel));
  images = pictures.map((picture) => toDataUri(picture));
});

const LABELS = ['a cat', 'a rainy street', 'nobody'];

function post(body: object) {
  return request(service.address).post('/v1/zero-shot').send(body);
}

async function score(body: object) {
  const response = await post(body);
  assert.equal(response.status, 200, response.text);
  return response.body;
}

async function embed(path: string, input: readonly string[]): Promise<number[][]> {
  const { body } = await postJson(service.address, path, { input });
  return body.data.map(({ embedding }: { embedding: number[] }) => embedding);
}

async function refuse(body: object, status: number, code: string, param: string | null) {
  assertRefused(await post(body), status, code, param);
}

describe('scores of labels', () => {
  it('come from the cosines of the fused vectors of pictures and labels', async () => {
    const { data, scoring, labels, model, object } = await score({ labels: LABELS, images });
    assert.deepEqual([object, model], ['list', 'tiny@1']);
    assert.deepEqual(scoring, { kind: 'softmax', temperature: 0.07, bias: 0, vectors: 'fused' });
    assert.deepEqual(
      labels,
      LABELS.map((label) => ({ label, text: label, truncated: false, unknown_tokens: 0 })),
    );
    const [pictureVectors, labelVectors] = await Promise.all([embed('/image', images), embed('/text', LABELS)]);
    for (const [i, picture] of pictureVectors.entries()) {
      const cosines = labelVectors.map((vector) => cosineSimilarity(picture, vector));
      assert.ok(maxDifference(data[i].cosines, cosines) < 1e-6);
      const powers = cosines.map((cosine) => Math.exp(cosine / 0.07));
      const sum = powers.reduce((a, b) => a + b);
      assert.ok(
        maxDifference(
          data[i].scores,
          powers.map((power) => power / sum),
        ) < 1e-5,
      );
      assert.equal(data[i].label, LABELS[cosines.indexOf(Math.max(...cosines))]);
      assert.equal(data[i].index, i);
    }
    assert.notDeepEqual(data[0].cosines, data[1].cosines);
  });

  it('are those of the sentence that a template makes of a label', async () => {
    const template = 'see {} now';
    const { data, labels, usage } = await score({ labels: ['$& cat', 'a dog'], template, images });
    assert.deepEqual(
      labels.map(({ text, unknown_tokens }: { text: string; unknown_tokens: number }) => [text, unknown_tokens]),
      [
        ['see $& cat now', 1],
        ['see a dog now', 0],
      ],
    );
    const written = await score({ labels: ['see $& cat now', 'see a dog now'], images });
    assert.deepEqual(data[0].scores, written.data[0].scores);
    assert.deepEqual(usage, written.usage);
    assert.ok(usage.total_tokens > 20);
  });

  it('are the same for the pictures of a form, named or not', async () => {
    const { data } = await score({ labels: LABELS, images });
    const unnamed = request(service.address)
      .post('/v1/zero-shot')
      .field('request', JSON.stringify({ labels: LABELS }));
    for (const picture of pictures) unnamed.attach('image', picture, 'a.png');
    assert.deepEqual((await unnamed.expect(200)).body.data, data);
    const named = await request(service.address)
      .post('/v1/zero-shot')
      .attach('second', pictures[1]!, 'b.png')
      .attach('first', pictures[0]!, 'a.png')
      .field('request', JSON.stringify({ labels: LABELS, images: ['first', 'second'] }))
      .expect(200);
    assert.deepEqual(named.body.data, data);
  });
});

describe('a request for scores', () => {
  it('is refused without labels or pictures, or with too many', async () => {
    await refuse({ images }, 400, 'invalid_request', 'labels');
    await refuse({ labels: [], images }, 400, 'invalid_request', 'labels');
    await refuse({ labels: LABELS }, 400, 'invalid_request', 'images');
    await refuse({ labels: ['a', 'b', 'c', 'd', 'e'], images }, 413, 'too_many_items', 'labels');
    await refuse({ labels: LABELS, images: [...images, ...images] }, 413, 'too_many_items', 'images');
    const form = request(service.address)
      .post('/v1/zero-shot')
      .field('request', JSON.stringify({ labels: LABELS }));
    assertRefused(await form, 400, 'invalid_request', 'images');
  });

  it('is refused for a label that is empty, unknown or given twice, also inside a template', async () => {
    for (const template of [undefined, 'a picture {}']) {
      await refuse({ labels: ['a cat', ' '], template, images }, 400, 'invalid_request', 'labels[1]');
      await refuse({ labels: ['a cat', '猫'], template, images }, 422, 'text_unsupported', 'labels[1]');
      await refuse({ labels: ['a cat', '\u200b'], template, images }, 422, 'text_unsupported', 'labels[1]');
      await refuse({ labels: ['a cat', 'a\ncat'], template, images }, 400, 'invalid_request', 'labels[1]');
    }
  });

  it('is refused for labels that the model cannot tell apart', async () => {
    const long = 'a dog on the mat in the rain';
    for (const labels of [
      ['a cat', 'A CAT'],
      ['see 猫', 'see 犬'],
      [`${long} barks`, `${long} sleeps`],
    ])
      await refuse({ labels, images }, 400, 'invalid_request', 'labels[1]');
  });

  it('is refused for a template without one place', async () => {
    for (const template of ['a picture', '{} and {}', ''])
      await refuse({ labels: LABELS, template, images }, 400, 'invalid_request', 'template');
  });

  it('is refused for another space, an unknown model, and a text that must not be cut', async () => {
    await refuse({ labels: LABELS, images, expected_space: '0'.repeat(16) }, 409, 'space_mismatch', 'expected_space');
    await refuse({ labels: LABELS, images, model: 'none' }, 404, 'model_not_found', 'model');
    const long = { labels: ['a cat', 'a cat on the mat in the rain'], images };
    assert.equal((await score(long)).labels[1].truncated, true);
    await refuse({ ...long, truncate: 'refuse' }, 413, 'text_too_long', 'labels[1]');
  });

  it('is refused for a picture that cannot be read, and names it', async () => {
    const broken = toDataUri(pictures[0]!.subarray(0, 70));
    await refuse({ labels: LABELS, images: [images[0], broken] }, 400, 'image_unreadable', 'images[1]');
    const form = request(service.address)
      .post('/v1/zero-shot')
      .field('request', JSON.stringify({ labels: LABELS }));
    form.attach('image', pictures[0]!, 'a.png').attach('image', pictures[0]!.subarray(0, 70), 'b.png');
    assertRefused(await form, 400, 'image_unreadable', 'image[1]');
    const withUri = request(service.address).post('/v1/zero-shot').attach('image', pictures[0]!, 'a.png');
    withUri.field('request', JSON.stringify({ labels: LABELS, images }));
    const response = await withUri;
    assertRefused(response, 400, 'invalid_request', 'images[0]');
    assert.ok(response.text.length < 500);
    const unused = request(service.address).post('/v1/zero-shot').attach('other', pictures[0]!, 'a.png');
    unused.field('request', JSON.stringify({ labels: LABELS })).attach('image', pictures[0]!, 'a.png');
    assertRefused(await unused, 400, 'invalid_request', 'other');
  });
});
