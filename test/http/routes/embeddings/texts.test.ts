import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import request from 'supertest';
import { drawPngPanel, toDataUri } from '../../../support/images.ts';
import { assertRefused, postJson } from '../../../support/strict-service.ts';
import { useTinyService } from '../../../support/tiny-service.ts';

/** What a text is, on every route that takes one. The vocabulary of the tiny model has letters and a few signs; it reads 24. */
const service = useTinyService();
let image: string;
before(async () => {
  image = toDataUri(await drawPngPanel(1));
});

async function embed(path: string, body: object) {
  const response = await postJson(service.address, path, body);
  assert.equal(response.status, 200, response.text);
  return response;
}

async function embedPanels(...input: object[]) {
  return (await embed('/panel', { input })).body.data;
}

async function embedPage(panels: readonly object[], options: object = {}) {
  const boxed = panels.map((panel) => ({ bbox: [0, 0, 60, 60], ...panel }));
  return (await embed('/page', { image, panels: boxed, ...options })).body.data[0];
}

const LONG = 'the cat sat on the mat and purred';
const UNKNOWN = '猫が好き!';

describe('white space in a text', () => {
  const texts = ['who goes there?', 'who\ngoes\nthere?', 'who\r\n goes\u00a0there? ', '\ufeffwho goes\u200b there?'];

  it('changes no vector, on any route', async () => {
    for (const path of ['', '/text']) {
      const { data } = (await embed(path, { input: texts })).body;
      for (const { embedding } of data) assert.deepEqual(embedding, data[0].embedding, path);
    }
    const panels = await embedPanels(...texts.map((text) => ({ image, text })));
    for (const panel of panels) assert.deepEqual(panel.embedding, panels[0].embedding);
    const { panel_embeddings: rows } = await embedPage(texts.map((text) => ({ text })));
    for (const row of rows) assert.deepEqual(row, rows[0]);
  });
});

describe('a text that is too long', () => {
  it('is said in the form of OpenAI by a field of its item and a header, and other answers have neither', async () => {
    const { body, headers } = await embed('', { input: ['a cat', LONG, 'a dog', LONG, LONG] });
    assert.deepEqual(
      body.data.map((item: { truncated?: boolean }) => item.truncated),
      [undefined, true, undefined, true, true],
    );
    assert.equal(headers['x-panelvec-truncated'], '1,3-4');
    const whole = await embed('', { input: ['a cat'] });
    assert.deepEqual(Object.keys(whole.body.data[0]), ['object', 'index', 'embedding']);
    assert.ok(!Object.keys(whole.headers).some((name) => /truncated|unknown/.test(name)));
  });

  it('is said in other answers, also where they are arrays', async () => {
    const { body, headers } = await embed('/text', { input: [LONG, 'a cat'] });
    assert.deepEqual(
      body.data.map((item: { truncated: boolean }) => item.truncated),
      [true, false],
    );
    assert.equal(headers['x-panelvec-truncated'], '0');
    for (const [path, input] of [
      ['/text', { input: ['a cat', LONG] }],
      ['/page', { image, panels: ['a', LONG].map((text) => ({ bbox: [0, 0, 9, 9], text })) }],
    ] as const) {
      const array = await request(service.address)
        .post(`/v1/embeddings${path}`)
        .set('accept', 'application/x-npy')
        .send(input)
        .expect(200);
      assert.equal(array.headers['x-panelvec-truncated'], '1', path);
    }
  });

  it('is refused where the request says so, with its tokens and the limit', async () => {
    const panel = { bbox: [0, 0, 9, 9], text: LONG };
    const cases: readonly [path: string, body: object, param: string][] = [
      ['', { input: ['a cat', LONG] }, 'input[1]'],
      ['/text', { input: LONG }, 'input'],
      ['/panel', { input: [{ image, text: LONG }] }, 'input[0].text'],
      ['/page', { image, panels: [panel] }, 'panels[0].text'],
    ];
    for (const [path, body, param] of cases) {
      const response = await postJson(service.address, path, { ...body, truncate: 'refuse' });
      assertRefused(response, 413, 'text_too_long', param);
      assert.match(response.body.error.message, /the text has 33 tokens, the model reads 24 tokens/);
      await embed(path, { ...body, truncate: 'end' });
    }
    await embed('/text', { input: ['a cat'], truncate: 'refuse' });
    const runs = await postJson(service.address, '/text', { input: `a ${'猫'.repeat(2000)}`, truncate: 'refuse' });
    assertRefused(runs, 413, 'text_too_long', 'input');
    assertRefused(
      await postJson(service.address, '', { input: 'a', truncate: 'start' }),
      400,
      'invalid_request',
      'truncate',
    );
  });
});

describe('a text of which the vocabulary has no word', () => {
  it('is refused where there is nothing else, and the error names all of them', async () => {
    for (const path of ['', '/text']) {
      const response = await postJson(service.address, path, { input: ['a cat', UNKNOWN, 'a dog', '😀', '\u200b'] });
      assertRefused(response, 422, 'text_unsupported', 'input[1]');
      assert.match(response.body.error.message, /no word of this text, nor of input\[3\], input\[4\]/);
    }
    const panels = await postJson(service.address, '/panel', { input: [{ image }, { text: UNKNOWN }] });
    assertRefused(panels, 422, 'text_unsupported', 'input[1].text');
  });

  it('counts as absent beside a picture, and the answer says so', async () => {
    const [picture] = await embedPanels({ image });
    for (const text of [UNKNOWN, '😀', '爆発した', '\u0007\u200b']) {
      const { body, headers } = await embed('/panel', { input: [{ image }, { image, text }] });
      const [, panel] = body.data;
      assert.deepEqual(panel.embedding, picture.embedding, text);
      assert.deepEqual([panel.modalities, panel.gate.text, panel.unknown_text], [['vision'], 0, true]);
      assert.equal(headers['x-panelvec-unknown-text'], '1');
    }
    assert.equal(picture.unknown_text, false);
  });

  it('counts as absent on a page, and blank lettering is no unknown text', async () => {
    const { panel_embeddings: rows, metadata } = await embedPage([{ text: '' }, { text: UNKNOWN }, { text: ' \n' }]);
    assert.deepEqual(rows[1], rows[0]);
    assert.deepEqual(
      metadata.panels.map((panel: { unknown_text: boolean }) => panel.unknown_text),
      [false, true, false],
    );
  });

  it('is null among several outputs, and refused as the first', async () => {
    const input = [{ image, text: UNKNOWN }];
    const { body } = await embed('/panel', { input, outputs: ['fused', 'text'] });
    assert.equal(body.data[0].outputs.text, null);
    const first = await postJson(service.address, '/panel', { input, outputs: ['text', 'fused'] });
    assertRefused(first, 422, 'text_unsupported', 'input[0].text');
    const page = { image, panels: [{ bbox: [0, 0, 9, 9], text: UNKNOWN }], outputs: ['text'] };
    assertRefused(await postJson(service.address, '/page', page), 422, 'text_unsupported', 'panels[0].text');
  });

  it('is read where it has one word that is known, and its unknown tokens are counted', async () => {
    const { body } = await embed('/text', { input: ['猫 cat', 'cat', '!?'] });
    assert.deepEqual(
      body.data.map(({ unknown_tokens, unknown_text }: Record<string, unknown>) => [unknown_tokens, unknown_text]),
      [
        [1, false],
        [0, false],
        [0, false],
      ],
    );
    const openai = await embed('', { input: ['猫 cat', 'cat'] });
    assert.deepEqual(
      openai.body.data.map((item: { unknown_tokens?: number }) => item.unknown_tokens),
      [1, undefined],
    );
  });
});

describe('token ids in place of texts', () => {
  for (const input of [
    [1, 2, 3],
    [[1, 2], [3]],
    ['a cat', [1, 2]],
  ]) {
    it(`are refused with what to do: ${JSON.stringify(input)}`, async () => {
      for (const path of ['', '/text']) {
        const response = await postJson(service.address, path, { input });
        const first = input.findIndex((item) => typeof item !== 'string');
        assertRefused(response, 400, 'invalid_request', `input[${first}]`);
        assert.match(response.body.error.message, /token ids.*send texts.*check_embedding_ctx_length=False/);
      }
    });
  }
});

it('token ids are named as such where they are too many values for JSON', async () => {
  const input = Array.from({ length: 1000 }, () => Array(50).fill(7));
  const response = await postJson(service.address, '', { model: 'tiny', input });
  assertRefused(response, 413, 'too_many_items', null);
  assert.match(response.body.error.message, /more than 32768 values: these are token ids.*=False/);
});

describe('a long list of texts', () => {
  const texts = Array.from({ length: 2048 }, (_, i) => `cat ${String.fromCharCode(97 + (i % 26))}${'.'.repeat(i % 7)}`);

  it('has the vectors that its texts have alone, in order', async () => {
    for (const path of ['', '/text']) {
      const { body, headers } = await embed(path, { input: texts });
      assert.match(String(headers['content-type']), /^application\/json/);
      assert.deepEqual(
        body.data.map(({ index }: { index: number }) => index),
        texts.map((_, i) => i),
      );
      for (const i of [0, 64, 65, 1000, 2047]) {
        const alone = (await embed(path, { input: [texts[i]!] })).body;
        assert.deepEqual(body.data[i], { ...alone.data[0], index: i });
        assert.deepEqual(Object.keys(body).sort(), Object.keys(alone).sort());
      }
      assert.ok(body.usage.prompt_tokens > 2048);
    }
  });

  it('may have as many texts as OpenAI takes, and no more', async () => {
    for (const path of ['', '/text']) {
      const response = await postJson(service.address, path, { input: [...texts, 'one more'] });
      assertRefused(response, 413, 'too_many_items', 'input');
    }
  });

  it('is refused as a whole where one text is bad, and leaves nothing in work', async () => {
    const response = await postJson(service.address, '', { input: [...texts.slice(1), UNKNOWN] });
    assertRefused(response, 422, 'text_unsupported', 'input[2047]');
    const { textAdmission, admission } = service.services.embedder;
    assert.deepEqual([textAdmission.inFlight, admission.inFlight, service.services.pool.queueLength], [0, 0, 0]);
  });
});
