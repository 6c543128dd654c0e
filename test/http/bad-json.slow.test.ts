import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import request from 'supertest';
import { errorResponseSchema } from '../../src/http/error-response.ts';
import { toDataUri } from '../support/images.ts';
import { assertRefused, postJson, useStrictService } from '../support/strict-service.ts';

const strict = useStrictService();

describe('JSON bodies', () => {
  it('with options in the query: 400 with their place', async () => {
    const response = await request(strict.address).post('/v1/embeddings/text?dimensions=4').send({ input: 'a' });
    assertRefused(response, 400, 'invalid_request', 'dimensions');
    assert.match(response.text, /in the body, not in the query/);
  });

  it('that are no JSON: 400 with what they are', async () => {
    const texts: readonly [text: string, message: RegExp][] = [
      ['{"input":NaN}', /NaN is not JSON/],
      ['{"input":["a",]}', /comma after the last element/],
      ['{"input":"a"', /the text ends early/],
      ["{'input': 'a'}", /single quotes/],
    ];
    for (const [text, message] of texts) {
      const response = await request(strict.address).post('/v1/embeddings/text').type('json').send(text);
      assertRefused(response, 400, 'invalid_json', null);
      assert.match(response.body.error.message, message);
    }
  });

  it('that are empty are none where a call has no body', async () => {
    const path = '/v1/jobs/5e6f0f0e-0000-4000-8000-000000000000/cancel';
    const bare = await request(strict.address).post(path);
    const empty = await request(strict.address).post(path).type('json').send('');
    assert.deepEqual([empty.status, empty.body.error.code], [bare.status, bare.body.error.code]);
    assertRefused(await request(strict.address).post(path).type('json').send('{'), 400, 'invalid_json', null);
  });

  it('with a field twice: 400 naming it, in a part too', async () => {
    const twice = '{"input":[{"text":"cat"}],"dimensions":4,"\\u0069nput":[]}';
    const post = () => request(strict.address).post('/v1/embeddings/panel');
    assertRefused(await post().type('json').send(twice), 400, 'invalid_request', 'input');
    assertRefused(await post().field('request', twice), 400, 'invalid_request', 'input');
    const apart = '{"input":[{"text":"cat"},{"text":"\\"text\\": \\"text\\":"}]}';
    assert.equal((await post().type('json').send(apart)).status, 200);
  });

  const good = () => toDataUri(strict.png);
  const cases: readonly [string, string, () => unknown, number, string, string | null][] = [
    ['empty text', '/text', () => ({ input: ['fine', ''] }), 400, 'invalid_request', 'input[1]'],
    ['blank text', '/text', () => ({ input: ' \n' }), 400, 'invalid_request', 'input'],
    ['text that is no string', '/text', () => ({ input: ['fine', 3] }), 400, 'invalid_request', 'input[1]'],
    ['no text at all', '/text', () => ({ input: [] }), 400, 'invalid_request', 'input'],
    ['a missing input', '/text', () => ({}), 400, 'invalid_request', 'input'],
    ['a body that is null', '/text', () => null, 400, 'invalid_request', null],
    ['a body that is a list', '/panel', () => [], 400, 'invalid_request', null],
    ['too long a text', '/text', () => ({ input: ['a'.repeat(101)] }), 413, 'text_too_long', 'input[0]'],
    ['too many texts', '/text', () => ({ input: Array(5).fill('a') }), 413, 'too_many_items', 'input'],
    ['an unknown field', '/text', () => ({ input: 'a', inputs: 'b' }), 400, 'invalid_request', 'inputs'],
    ['an unknown model', '/text', () => ({ input: 'a', model: 'gpt' }), 404, 'model_not_found', 'model'],
    ['another space', '/text', () => ({ input: 'a', expected_space: 'x' }), 409, 'space_mismatch', 'expected_space'],
    ['too many dimensions', '/text', () => ({ input: 'a', dimensions: 17 }), 400, 'invalid_request', 'dimensions'],
    ['no dimensions', '/text', () => ({ input: 'a', dimensions: 0 }), 400, 'invalid_request', 'dimensions'],
    ['half a dimension', '/text', () => ({ input: 'a', dimensions: 1.5 }), 400, 'invalid_request', 'dimensions'],
    ['an unknown output', '/text', () => ({ input: 'a', outputs: ['pooled'] }), 400, 'invalid_request', 'outputs[0]'],
    [
      'an output that a text cannot have',
      '/text',
      () => ({ input: 'a', outputs: ['vision'] }),
      400,
      'invalid_request',
      'outputs',
    ],
    [
      'an unknown encoding',
      '/text',
      () => ({ input: 'a', encoding_format: 'hex' }),
      400,
      'invalid_request',
      'encoding_format',
    ],
    ['token ids', '', () => ({ input: [[1, 2]] }), 400, 'invalid_request', 'input[0]'],
    [
      'an address instead of an image',
      '/image',
      () => ({ input: 'http://example.org/a.png' }),
      400,
      'image_url_refused',
      'input',
    ],
    ['a panel without anything', '/panel', () => ({ input: [{ text: 'a' }, {}] }), 400, 'invalid_request', 'input[1]'],
    [
      'a panel with empty text',
      '/panel',
      () => ({ input: [{ image: good(), text: '' }] }),
      400,
      'invalid_request',
      'input[0].text',
    ],
    [
      'six numbers',
      '/panel',
      () => ({ input: [{ composition: [1, 2, 3, 4, 5, 6] }] }),
      400,
      'invalid_request',
      'input[0].composition',
    ],
    [
      'a null among the numbers',
      '/panel',
      () => ({ input: [{ composition: [1, 2, null, 4, 5, 6, 7] }] }),
      400,
      'invalid_request',
      'input[0].composition[2]',
    ],
    [
      'a huge number',
      '/panel',
      () => ({ input: [{ composition: [1, 2, 3, 4, 5, 6, 1e30] }] }),
      400,
      'invalid_request',
      'input[0].composition[6]',
    ],
    [
      'an output that one panel lacks',
      '/panel',
      () => ({ input: [{ text: 'a' }, { image: good() }], outputs: ['text'] }),
      400,
      'invalid_request',
      'outputs',
    ],
    [
      'an image that is cut off',
      '/panel',
      () => ({ input: [{ image: toDataUri(strict.png.subarray(0, strict.png.length / 2)) }] }),
      400,
      'image_unreadable',
      'input[0].image',
    ],
    [
      'a panel without a box',
      '/page',
      () => ({ image: good(), panels: [{ text: 'a' }] }),
      400,
      'invalid_request',
      'panels[0]',
    ],
    [
      'a panel with two boxes',
      '/page',
      () => ({ image: good(), panels: [{ bbox: [0, 0, 9, 9], box_2d: [0, 0, 9, 9] }] }),
      400,
      'invalid_request',
      'panels[0]',
    ],
    [
      'a box without area',
      '/page',
      () => ({ image: good(), panels: [{ bbox: [0, 0, 9, 9] }, { bbox: [5, 5, 0, 9] }] }),
      400,
      'invalid_request',
      'panels[1].bbox',
    ],
    [
      'a box off the page',
      '/page',
      () => ({ image: good(), panels: [{ bbox: [5000, 0, 9, 9] }] }),
      400,
      'invalid_request',
      'panels[0].bbox',
    ],
    [
      'a VLM box upside down',
      '/page',
      () => ({ image: good(), panels: [{ box_2d: [900, 0, 100, 500] }] }),
      400,
      'invalid_request',
      'panels[0].box_2d',
    ],
    [
      'a box of three numbers',
      '/page',
      () => ({ image: good(), panels: [{ bbox: [0, 0, 9] }] }),
      400,
      'invalid_request',
      'panels[0].bbox',
    ],
    ['a page without an image', '/page', () => ({ panels: [] }), 400, 'invalid_request', 'image'],
    ['panels that are a text', '/page', () => ({ image: good(), panels: 'none' }), 400, 'invalid_request', 'panels'],
    [
      'a bad second page',
      '/page',
      () => ({
        pages: [
          { image: good(), panels: [] },
          { image: good(), panels: [{ bbox: [0, 0, 0, 0] }] },
        ],
      }),
      400,
      'invalid_request',
      'pages[1].panels[0].bbox',
    ],
    [
      'too many panels',
      '/page',
      () => ({ image: good(), panels: Array(5).fill({ bbox: [0, 0, 9, 9] }) }),
      413,
      'too_many_items',
      'panels',
    ],
    [
      'padding that is too short',
      '/page',
      () => ({ image: good(), pad_to: 1, panels: Array(2).fill({ bbox: [0, 0, 9, 9] }) }),
      400,
      'invalid_request',
      'pad_to',
    ],
    [
      'the text of both forms',
      '/page',
      () => ({ image: good(), panels: [{ bbox: [0, 0, 9, 9], text: 'a', description: 'b' }] }),
      400,
      'invalid_request',
      'panels[0]',
    ],
  ];
  for (const [name, path, body, status, code, param] of cases) {
    it(`${name}: ${status}`, async () =>
      assertRefused(await postJson(strict.address, path, body()), status, code, param));
  }

  const texts: readonly [string, string, number, string][] = [
    ['broken JSON', '{"input":', 400, 'invalid_json'],
    ['NaN, which JSON does not know', '{"input":[{"composition":[NaN,1,1,1,1,1,1]}]}', 400, 'invalid_json'],
    ['an infinite number', '{"input":[{"composition":[1e999,1,1,1,1,1,1]}]}', 400, 'invalid_request'],
    ['a field named __proto__', '{"__proto__":{"a":1},"input":[]}', 400, 'invalid_json'],
    ['an empty body', '', 400, 'invalid_json'],
    ['brackets without end', '['.repeat(100_000), 400, 'invalid_json'],
    ['a list of very many values', `{"input":[${'1,'.repeat(60_000)}1]}`, 413, 'too_many_items'],
    ['a body over the limit', JSON.stringify({ input: 'a'.repeat(200_001) }), 413, 'body_too_large'],
  ];
  for (const [name, text, status, code] of texts) {
    it(`${name}: ${status}`, async () => {
      const response = await request(strict.address)
        .post('/v1/embeddings/panel')
        .set('content-type', 'application/json')
        .send(text);
      assert.equal(response.status, status, response.text);
      assert.equal(errorResponseSchema.parse(response.body).error.code, code);
    });
  }
});
