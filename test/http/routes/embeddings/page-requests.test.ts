import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import request from 'supertest';
import { drawPanel, toDataUri } from '../../../support/images.ts';
import { assertRefused, postJson } from '../../../support/strict-service.ts';
import { useTinyService } from '../../../support/tiny-service.ts';

const service = useTinyService();
let page: Buffer;
let image: string;
before(async () => {
  page = await drawPanel(5, 900, 1200).png().toBuffer();
  image = toDataUri(page);
});

function fixture(name: string): { panels: Record<string, unknown>[]; [field: string]: unknown } {
  return JSON.parse(readFileSync(path.join(import.meta.dirname, '../../../fixtures', `${name}.json`), 'utf8'));
}

async function embed(body: object, query = '') {
  const response = await postJson(service.address, `/page${query}`, body);
  assert.equal(response.status, 200, response.text);
  return response.body.data[0];
}

function refuse(body: object, param: string, query = '') {
  return postJson(service.address, `/page${query}`, body).then((response) => {
    assertRefused(response, 400, 'invalid_request', param);
    return response.body.error.message as string;
  });
}

function postForm(json: unknown, fields: Readonly<Record<string, string>> = {}) {
  const form = request(service.address).post('/v1/embeddings/page').attach('image', page, 'page.png');
  for (const [name, value] of Object.entries(fields)) form.field(name, value);
  return form.attach('request', Buffer.from(JSON.stringify(json)), 'page.json');
}

const BOX = { bbox: [0, 0, 300, 400] };

describe('a saved file as a request', () => {
  for (const [name, ignored] of [
    [
      'vlm-as-saved',
      [
        'model',
        'processed_at',
        'usage',
        'characters',
        'panels[].text_content[].label',
        'panels[].text_content[].speaker',
        'panels[].text_content[].box_2d',
        'panels[].characters',
        'panels[].faces',
      ],
    ],
    ['ocr-as-saved', ['full_page_text']],
  ] as const) {
    it(`is taken whole, in JSON, in a form and in a list, and what is ignored is listed: ${name}`, async () => {
      const file = fixture(`panel-files/${name}`);
      const known = await embed({
        image,
        panels: file.panels.map(({ characters: _, faces: __, ...panel }) => panel),
      });
      const data = await embed({ ...file, image });
      assert.deepEqual(data.metadata.ignored_fields.toSorted(), ignored.toSorted());
      assert.deepEqual(data.panel_embeddings, known.panel_embeddings);
      assert.equal(data.metadata.panels[0].modalities.includes('text'), true);
      const { body } = await postForm(file).expect(200);
      assert.deepEqual(body.data[0], data);
      assert.deepEqual((await embed({ pages: [{ ...file, image }] })).panel_embeddings, data.panel_embeddings);
    });
  }

  it('has edges as PIL rounds them', async () => {
    const { metadata } = await embed({ ...fixture('panel-files/ocr-as-saved'), image });
    assert.deepEqual(
      metadata.panels.map(({ crop }: { crop: number[] }) => crop),
      [
        [35, 54, 818, 546],
        [30, 570, 430, 871],
      ],
    );
  });

  it('has no list of ignored fields without an end', async () => {
    const extra = Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`${i}${'x'.repeat(200)}`, i]));
    const { metadata } = await embed({ ...extra, image, panels: [BOX] });
    assert.equal(metadata.ignored_fields.length, 51);
    assert.equal(metadata.ignored_fields.at(-1), 'and 20 more');
    assert.ok(metadata.ignored_fields.every((name: string) => name.length <= 80));
  });

  it('has lettering in other shapes, panels of null and numbers as texts', async () => {
    const letters = await embed({ ...fixture('panel-files/lettering-in-other-shapes'), image });
    const panels = ['a Hi there', 'b Hi there', 'c Hi there', 'd Later Hi there'].map((description, i) => ({
      ...fixture('panel-files/lettering-in-other-shapes').panels[i],
      description,
      text_content: [],
      caption: null,
      speakers: null,
    }));
    assert.deepEqual(letters.panel_embeddings, (await embed({ image, panels })).panel_embeddings);
    assert.deepEqual(
      letters.metadata.notes,
      [0, 1, 2, 3].map((panel) => ({ panel, note: 'other_text_shape' })),
    );
    const none = await embed({ ...fixture('panel-files/panels-null'), image });
    assert.deepEqual([none.panel_embeddings, none.metadata.notes], [[], [{ note: 'panels_null' }]]);
    const numbers = await embed({ ...fixture('panel-files/panel-number-as-text'), image });
    const thirds = numbers.metadata.panels.map(({ composition }: { composition: number[] }) =>
      Math.fround(composition[2]!),
    );
    assert.deepEqual(
      thirds,
      [1, 1].map((steps) => Math.fround(steps / 15)),
    );
    await refuse({ image, panels: [{ box_2d: [0, 0, 500, 500], panel_number: 'two' }] }, 'panels[0].panel_number');
  });

  it('declares another size of the picture', async () => {
    const panels = [{ bbox: [60, 100, 600, 1000] }];
    const { metadata } = await embed({ image, image_width: 1800, image_height: 2400, panels });
    assert.deepEqual(metadata.panels[0].crop, [30, 50, 330, 550]);
    assert.equal(metadata.notes[0].note, 'scaled_boxes');
    const message = await refuse({ image, image_width: 1200, image_height: 900, panels }, 'image_width');
    assert.match(
      message,
      /1200 x 900 .* 900 x 1200, which is not the same picture .*: take the picture that they were drawn on/,
    );
    const words = { image_width: ' 1800', image_height: '2400' };
    assert.deepEqual((await embed({ image, ...words, panels })).metadata.panels[0].crop, [30, 50, 330, 550]);
    for (const bad of [0, -1, 'wide', '0', [1800]])
      assert.match(await refuse({ image, image_width: 1800, image_height: bad, panels }, 'image_height'), /positive/);
    await refuse({ image, image_width: 1800, image_height: null, panels }, 'image_height');
    const named = await embed({ image, width: '1800', height: '2400', panels });
    assert.deepEqual([named.metadata.panels[0].crop, named.metadata.ignored_fields], [[30, 50, 330, 550], []]);
    assert.deepEqual((await embed({ image, width: 0, height: 9, panels: [BOX] })).metadata.notes, [
      { note: 'bad_size' },
    ]);
    const thousandths = [{ box_2d: [0, 0, 500, 500] }];
    assert.deepEqual((await embed({ image, image_width: 5, image_height: 9, panels: thousandths })).metadata.notes, []);
  });

  it('is refused with boxes in fractions, until the options say so', async () => {
    const panels = [{ box_2d: [0, 0, 0.5, 1] }, { box_2d: [0.5, 0, 1, 1] }];
    assert.match(await refuse({ image, panels }, 'panels'), /box_scale 1/);
    await refuse({ image, panels: [...panels, { box_2d: [0, 0, 500, 500] }] }, 'panels[0].box_2d');
    const { metadata } = await embed({ image, panels, options: { box_scale: 1 } });
    assert.deepEqual(metadata.panels[1].crop, [0, 600, 900, 1200]);
    const pixels = [{ box_2d: [10, 20, 500, 600] }];
    const inPixels = await embed({ image, panels: pixels }, '?box_scale=pixels&box_order=xyxy');
    assert.deepEqual(inPixels.metadata.panels[0].crop, [10, 20, 500, 600]);
  });

  it('is refused if it is nested, and noted if a box reaches far over the page', async () => {
    const { body } = await postJson(service.address, '/page', { image, result: { panels: [BOX] } });
    assert.match(body.error.message, /nested in another object/);
    await refuse({ pages: [{ image, result: { panels: [BOX] } }] }, 'pages[0]');
    const { metadata } = await embed({ image, panels: [BOX, { bbox: [0, 0, 1800, 2400] }] });
    assert.deepEqual(metadata.notes, [{ panel: 1, note: 'reaches_over_page' }]);
  });

  it('is refused if it is that of another tool', async () => {
    for (const [name, tool] of [
      ['coco', 'COCO'],
      ['magi', 'Magi'],
      ['mokuro', 'mokuro'],
    ]) {
      const { body } = await postJson(service.address, '/page', { ...fixture(`other-tools/${name}`), image });
      assert.match(body.error.message, new RegExp(`a file of ${tool}`));
    }
    const { body } = await postForm(fixture('other-tools/kumiko')).expect(400);
    assert.match(body.error.message, /a file of Kumiko/);
  });
});

describe('options of a request with pages', () => {
  const panels = [{ ...BOX, text: 'hi' }];

  it('stand in the query, in a form, in an object of their own, or beside the fields of a page', async () => {
    const expected = await embed({ image, panels, dimensions: 4, normalize: true });
    assert.equal(expected.panel_embeddings[0].length, 4);
    assert.deepEqual(await embed({ image, panels, options: { dimensions: 4, normalize: true } }), expected);
    assert.deepEqual(await embed({ image, panels }, '?dimensions=4&normalize=true'), expected);
    assert.deepEqual(await embed({ image, panels }, '?dimensions=4&normalize=True'), expected);
    const { body } = await postForm({ panels }, { dimensions: '4', normalize: 'true' }).expect(200);
    assert.deepEqual(body.data[0], expected);
    assert.deepEqual(
      await embed({ pages: [{ image, panels }], options: { dimensions: 4 }, normalize: true }),
      expected,
    );
    assert.equal((await embed({ image, panels }, '?pad_to=3')).panel_mask.length, 3);
    const nulls = { pages: null, options: null, model: null, outputs: null, pad_to: null, box_scale: null };
    assert.deepEqual(await embed({ ...nulls, image, panels, dimensions: 4, normalize: true }), expected);
  });

  it('are refused if two places differ, or if one is misspelt', async () => {
    assert.match(await refuse({ image, panels, dimensions: 4 }, 'dimensions', '?dimensions=5'), /two places/);
    await refuse({ image, panels, outputs: ['text'], options: { outputs: ['fused'] } }, 'outputs');
    assert.equal((await embed({ image, panels, dimensions: 4 }, '?dimensions=4')).panel_embeddings[0].length, 4);
    await refuse({ image, panels, options: { dimension: 4 } }, 'options.dimension');
    await refuse({ image, panels }, 'dimension', '?dimension=4');
    assertRefused(await postForm({ panels }, { dimension: '4' }), 400, 'invalid_request', 'dimension');
    await refuse({ pages: [{ image, panels }], dimension: 4 }, 'dimension');
    await refuse({ image, panels, dimensions: -1 }, 'dimensions');
  });

  it('tell the mask of a page without panels', async () => {
    const maskOf = async (options: object) => (await embed({ image, panels: [], pad_to: 2, ...options })).panel_mask;
    assert.deepEqual(await maskOf({}), [false, false]);
    assert.deepEqual(await maskOf({ empty_pages: 'masked' }), [false, false]);
    assert.deepEqual(await maskOf({ options: { empty_pages: 'zero_vector' } }), [true, false]);
    assert.deepEqual((await embed({ image, panels, empty_pages: 'zero_vector', pad_to: 2 })).panel_mask, [true, false]);
  });

  it('have a model, unless a file names the one that made it', async () => {
    const own = await embed({ image, panels, model: 'example/vision-1' });
    assert.deepEqual(own.metadata.ignored_fields, ['model']);
    assert.deepEqual((await embed({ image, panels, model: 'tiny' })).metadata.ignored_fields, []);
    const sized = await embed({ image, panels, model: { name: 'x' }, dimensions: [850, 1200], normalize: {} });
    assert.deepEqual(sized.metadata.ignored_fields, ['model', 'dimensions', 'normalize']);
    for (const [body, query] of [
      [{ image, panels, options: { model: 'other' } }, ''],
      [{ pages: [{ image, panels }], model: 'other' }, ''],
      [{ image, panels }, '?model=other'],
    ] as const) {
      assertRefused(await postJson(service.address, `/page${query}`, body), 404, 'model_not_found', 'model');
    }
  });
});
