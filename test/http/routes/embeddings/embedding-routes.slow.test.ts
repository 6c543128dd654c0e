import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import { type Embedding, embeddingListSchema } from '../../../../src/http/routes/embeddings/embedding-response.ts';
import { pageResponseSchema } from '../../../../src/http/routes/embeddings/page-response.ts';
import type { RunningService } from '../../../../src/http/server.ts';
import { drawPanel, drawPngPanel, toDataUri } from '../../../support/images.ts';
import { startService } from '../../../support/in-process-service.ts';
import { cosine } from '../../../support/numeric.ts';

/** The routes as a client uses them, with the model that the project ships. */
let service: RunningService;
let images: Buffer[];
before(async () => {
  service = await startService({ PANELVEC_THREADS: '2' });
  images = await Promise.all([1, 2, 3].map(drawPngPanel));
});
after(() => service.close());

const COMPOSITION = [1.2, 0.2, 0.1, 0, 0, 0.5, 0.25];

function postEmbeddings(path: string, body: object) {
  return request(service.address).post(`/v1/embeddings${path}`).send(body).expect(200);
}

async function embedList(path: string, body: object): Promise<Embedding[]> {
  return embeddingListSchema.parse((await postEmbeddings(path, body)).body).data;
}

const vectorOf = ({ embedding }: Embedding) => embedding as number[];

describe('POST /v1/embeddings/image', () => {
  it('gives the same vectors for form parts, a raw body and data URIs', async () => {
    const form = request(service.address).post('/v1/embeddings/image');
    for (const picture of images) form.attach('image', picture, 'panel.png');
    const fromForm = embeddingListSchema.parse((await form.expect(200)).body).data;
    assert.deepEqual(await embedList('/image', { input: images.map((picture) => toDataUri(picture)) }), fromForm);
    const raw = await request(service.address)
      .post('/v1/embeddings/image')
      .set('content-type', 'image/png')
      .send(images[0])
      .expect(200);
    assert.deepEqual(raw.body.data, fromForm.slice(0, 1));
    assert.deepEqual(
      fromForm.map(({ index, modalities, gate }) => ({ index, modalities, gate })),
      [0, 1, 2].map((index) => ({ index, modalities: ['vision'], gate: { vision: 1, text: 0, composition: 0 } })),
    );
  });

  it('responds with a NumPy array if the client prefers it', async () => {
    const json = await embedList('/image', { input: images.map((picture) => toDataUri(picture)) });
    const { body, headers } = await request(service.address)
      .post('/v1/embeddings/image')
      .set('accept', 'application/x-npy')
      .send({ input: images.map((picture) => toDataUri(picture)) })
      .responseType('blob')
      .expect(200);
    assert.match(body.toString('latin1', 0, 128), /'shape': \(3, 512\)/);
    const values = new Float32Array(Uint8Array.from(body.subarray(body.length - 3 * 512 * 4)).buffer);
    assert.deepEqual([...values], json.flatMap(vectorOf).map(Math.fround));
    assert.equal(headers['x-panelvec-space'], service.services.models.all[0]!.space);
  });

  it('takes options from the query of a raw body', async () => {
    const { body } = await request(service.address)
      .post('/v1/embeddings/image?dimensions=8&normalize=true&outputs=vision,fused&encoding_format=base64')
      .set('content-type', 'image/png')
      .send(images[0])
      .expect(200);
    const { data, dimensions } = embeddingListSchema.parse(body);
    assert.equal(dimensions, 8);
    assert.deepEqual(Object.keys(data[0]!.outputs!), ['vision', 'fused']);
    assert.equal(data[0]!.embedding, data[0]!.outputs!.vision);
  });
});

describe('POST /v1/embeddings/text', () => {
  it('embeds one text or several, with similar vectors for similar meanings', async () => {
    const texts = [
      'POW! The hero punches the villain through a wall.',
      'The superhero knocks the bad guy through the bricks.',
      'Stock markets fell sharply on Monday',
    ];
    const [hero, superhero, market] = (await embedList('/text', { input: texts })).map(vectorOf);
    assert.ok(cosine(hero!, superhero!) > cosine(hero!, market!) + 0.2);
    assert.deepEqual((await embedList('/text', { input: texts[0] })).map(vectorOf), [hero]);
  });

  it('reports truncation for each text', async () => {
    const data = await embedList('/text', { input: ['short', 'long '.repeat(500)] });
    assert.deepEqual(
      data.map(({ truncated }) => truncated),
      [false, true],
    );
  });
});

describe('options', () => {
  it('normalize, dimensions and base64 agree with the plain vector', async () => {
    const [plain] = (await embedList('/text', { input: 'a cat' })).map(vectorOf);
    const [unit] = (await embedList('/text', { input: 'a cat', normalize: true })).map(vectorOf);
    assert.ok(Math.abs(Math.hypot(...unit!) - 1) < 1e-6);
    assert.ok(Math.abs(Math.hypot(...plain!) - 1) > 1);
    const [cut] = (await embedList('/text', { input: 'a cat', dimensions: 100 })).map(vectorOf);
    assert.deepEqual(cut, plain!.slice(0, 100));
    const [cutUnit] = (await embedList('/text', { input: 'a cat', dimensions: 100, normalize: true })).map(vectorOf);
    assert.ok(Math.abs(Math.hypot(...cutUnit!) - 1) < 1e-6);
    const [encoded] = await embedList('/text', { input: 'a cat', encoding_format: 'base64' });
    const bytes = Uint8Array.from(Buffer.from(encoded!.embedding as string, 'base64'));
    assert.deepEqual([...new Float32Array(bytes.buffer)], plain!.map(Math.fround));
  });

  it('expected_space accepts the space of the model', async () => {
    const { space, id } = service.services.models.all[0]!;
    const { body } = await postEmbeddings('/text', { input: 'a cat', expected_space: space, model: 'compact' });
    assert.deepEqual([body.space, body.model], [space, id]);
  });
});

describe('POST /v1/embeddings/panel', () => {
  const input = () => [
    { image: toDataUri(images[0]!), text: 'Who goes there?', composition: COMPOSITION },
    { image: toDataUri(images[0]!) },
    { text: 'Who goes there?', image: null },
    { composition: COMPOSITION },
  ];

  it('embeds whatever modalities a panel has, and shows the weights of the gate', async () => {
    const data = await embedList('/panel', { input: input() });
    assert.deepEqual(
      data.map(({ modalities }) => modalities),
      [['vision', 'text', 'composition'], ['vision'], ['text'], ['composition']],
    );
    const [all, image, text] = data.map(({ gate }) => gate!);
    assert.ok(Math.abs(all!.vision + all!.text + all!.composition - 1) < 1e-6);
    assert.deepEqual(
      [image, text],
      [
        { vision: 1, text: 0, composition: 0 },
        { vision: 0, text: 1, composition: 0 },
      ],
    );
  });

  it('gives a panel of one modality the same vector as the route of that modality', async () => {
    const data = await embedList('/panel', { input: input() });
    assert.deepEqual(vectorOf(data[1]!), vectorOf((await embedList('/image', { input: toDataUri(images[0]!) }))[0]!));
    assert.deepEqual(vectorOf(data[2]!), vectorOf((await embedList('/text', { input: 'Who goes there?' }))[0]!));
  });

  it('takes images as files that the request names by part', async () => {
    const [first] = await embedList('/panel', { input: input() });
    const form = await request(service.address)
      .post('/v1/embeddings/panel')
      .field('request', JSON.stringify({ input: [{ ...input()[0], image: 'left' }, { image: 'right' }] }))
      .attach('left', images[0]!, 'a.png')
      .attach('right', images[1]!, 'b.png')
      .expect(200);
    assert.deepEqual(form.body.data[0], first);
  });

  it('gives null for another output that a panel lacks', async () => {
    const data = await embedList('/panel', { input: input(), outputs: ['fused', 'text', 'composition'] });
    assert.equal(data[1]!.outputs!.text, null);
    assert.equal(data[1]!.outputs!.vision, undefined);
    assert.equal((data[2]!.outputs!.text as number[]).length, 512);
  });
});

describe('POST /v1/embeddings/page', () => {
  const page = () => drawPanel(5, 300, 400).png().toBuffer();
  const panels = [
    { bbox: [0, 0, 150, 200], text: 'Hello there', confidence: 0.95 },
    { bbox: [150, 200, 150, 200], text: '  ' },
    {
      box_2d: [500, 0, 1000, 500],
      description: 'A cat.',
      text_content: [{ text: 'Meow', type: 'dialogue' }],
      panel_number: 3,
    },
  ];

  it('gives one vector per panel, with crops, numbers and modalities', async () => {
    const { body } = await request(service.address)
      .post('/v1/embeddings/page')
      .attach('image', await page(), 'page.png')
      .field('request', JSON.stringify({ canonical_id: 'Book/page_001', overall_summary: 'Summary', panels }))
      .expect(200);
    const [pageResponse] = pageResponseSchema.parse(body).data;
    assert.deepEqual(
      [pageResponse!.canonical_id, pageResponse!.panel_embeddings.length, pageResponse!.panel_mask],
      ['Book/page_001', 3, [true, true, true]],
    );
    const { metadata } = pageResponse!;
    assert.deepEqual(
      [metadata.num_panels, metadata.overall_summary, metadata.width, metadata.height],
      [3, 'Summary', 300, 400],
    );
    assert.deepEqual(
      metadata.panels.map(({ crop }) => crop),
      [
        [0, 0, 150, 200],
        [150, 200, 300, 400],
        [0, 200, 150, 400],
      ],
    );
    assert.deepEqual(
      metadata.panels.map(({ modalities }) => modalities.includes('text')),
      [true, false, true],
    );
    assert.deepEqual(metadata.panels[0]!.composition, [0.75, 0.25, 0, 0, 0, 0.25, 0.25]);
  });

  it('gives a panel the same vector as when it is cropped and sent alone', async () => {
    const image = await page();
    const { body } = await postEmbeddings('/page', { image: toDataUri(image), panels });
    const cut = await drawPanel(5, 300, 400).png().toBuffer();
    const { default: sharp } = await import('sharp');
    const crop = await sharp(cut).extract({ left: 0, top: 0, width: 150, height: 200 }).png().toBuffer();
    const [alone] = await embedList('/panel', {
      input: [
        { image: toDataUri(crop), text: 'Hello there', composition: body.data[0].metadata.panels[0].composition },
      ],
    });
    assert.deepEqual(body.data[0].panel_embeddings[0], alone!.embedding);
  });

  it('accepts several pages, and pads for sequence models', async () => {
    const image = toDataUri(await page());
    const pages = [
      { image, panels: panels.slice(0, 1), canonical_id: 'a' },
      { image, panels, canonical_id: 'b' },
      { image, panels: [] },
    ];
    const { body } = await postEmbeddings('/page', { pages, pad_to: 16, dimensions: 4 });
    const { data } = pageResponseSchema.parse(body);
    assert.deepEqual(
      data.map(({ panel_embeddings }) => panel_embeddings.length),
      [16, 16, 16],
    );
    assert.deepEqual(
      data.map(({ panel_mask }) => panel_mask.filter(Boolean).length),
      [1, 3, 0],
    );
    assert.deepEqual(data[0]!.panel_embeddings[1], [0, 0, 0, 0]);
  });

  it('responds with a NumPy array of one page', async () => {
    const { body } = await request(service.address)
      .post('/v1/embeddings/page')
      .set('accept', 'application/x-npy')
      .send({ image: toDataUri(await page()), panels, pad_to: 5 })
      .responseType('blob')
      .expect(200);
    assert.match(body.toString('latin1', 0, 128), /'shape': \(5, 512\)/);
  });

  it('responds with JSON of several pages, unless the client takes NumPy alone: 406', async () => {
    const body = { pages: [{ image: toDataUri(await page()), panels }] };
    const post = (accept: string) =>
      request(service.address).post('/v1/embeddings/page').set('accept', accept).send(body);
    await post('application/x-npy, application/json;q=0.5').expect(200).expect('content-type', /json/);
    const { body: refused } = await post('application/x-npy, application/json;q=0').expect(406);
    assert.equal(refused.error.code, 'not_acceptable');
  });

  it('accepts the request as a file, and whole files of the OCR and VLM forms', async () => {
    const image = await page();
    const ocr = { image_width: 300, image_height: 400, panels: panels.slice(0, 2) };
    const vlm = { overall_summary: 'Summary', panels: panels.slice(2) };
    for (const file of [ocr, vlm]) {
      await request(service.address)
        .post('/v1/embeddings/page')
        .attach('image', image, 'page.png')
        .attach('request', Buffer.from(JSON.stringify(file)), 'page.json')
        .expect(200);
    }
  });

  it('has every output by name if several are requested', async () => {
    const { body } = await postEmbeddings('/page', {
      image: toDataUri(await page()),
      panels,
      outputs: ['fused', 'text'],
    });
    const [pageResponse] = pageResponseSchema.parse(body).data;
    assert.deepEqual(
      pageResponse!.panel_outputs!['text']!.map((vector) => vector !== null),
      [true, false, true],
    );
  });
});

describe('POST /v1/embeddings, in the form of OpenAI', () => {
  it('responds with unit vectors', async () => {
    const { body } = await postEmbeddings('', { input: ['a cat', 'a dog'], model: 'compact', user: 'me' });
    assert.deepEqual(Object.keys(body).sort(), ['data', 'model', 'object', 'usage']);
    assert.deepEqual(Object.keys(body.data[1]).sort(), ['embedding', 'index', 'object']);
    assert.ok(Math.abs(Math.hypot(...body.data[0].embedding) - 1) < 1e-6);
    assert.ok(body.usage.prompt_tokens > 0);
    const [native] = (await embedList('/text', { input: 'a cat', normalize: true })).map(vectorOf);
    assert.deepEqual(body.data[0].embedding, native);
  });

  it('accepts dimensions and base64', async () => {
    const { body } = await postEmbeddings('', { input: 'a cat', dimensions: 16, encoding_format: 'base64' });
    assert.equal(Buffer.from(body.data[0].embedding, 'base64').length, 64);
  });
});
