import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import { type CollectionPage, panelId } from '../../../../src/collections/collection.ts';
import { searchResponseSchema } from '../../../../src/http/routes/search/search-schemas.ts';
import { toUnitLength } from '../../../../src/util/vectors.ts';
import { fillCollection } from '../../../support/collections.ts';
import { ImageHost } from '../../../support/image-host.ts';
import { drawPngPanel, toDataUri } from '../../../support/images.ts';
import { seeded } from '../../../support/numeric.ts';
import { assertRefused } from '../../../support/strict-service.ts';
import { useTinyService } from '../../../support/tiny-service.ts';

const imageHost = await ImageHost.start();
after(() => imageHost[Symbol.asyncDispose]());
const imageOrigin = `http://127.0.0.1:${imageHost.port}`;
const service = useTinyService({
  PANELVEC_IMAGE_URL_HOSTS: imageOrigin,
  PANELVEC_JOBS: 'on',
  PANELVEC_SEARCH: 'on',
  PANELVEC_WORKERS: '0',
  PANELVEC_MAX_TEXT_CHARACTERS: '100',
});

const TEXTS = ['a cat on a roof', 'rain, rain, rain', 'the <b>end</b>', 'nobody is here', 'zzz', 'a dog in the snow'];
const PICTURES = [1, 2, 3, 4];
const COMPOSITION = [1.5, 0.2, 2, 0, 0, 0.5, 0.5];
/** What stands for each panel, in the order of the pages: texts, then pictures, then a composition. */
const INPUTS = [...TEXTS, ...PICTURES, 'composition'] as const;
const ids = INPUTS.map((_, i) => panelId(`book/${Math.floor(i / 2)}`, i % 2));
const idOf = (input: (typeof INPUTS)[number]) => ids[INPUTS.indexOf(input)] ?? '';
let pictures: Map<number, Buffer>;

async function embedInputs(): Promise<Float32Array[]> {
  const input = INPUTS.map((value) => {
    if (value === 'composition') return { composition: COMPOSITION };
    return typeof value === 'string' ? { text: value } : { image: toDataUri(pictures.get(value) ?? Buffer.alloc(0)) };
  });
  const { body } = await request(service.address).post('/v1/embeddings/panel').send({ input }).expect(200);
  return body.data.map(({ embedding }: { embedding: number[] }) => Float32Array.from(embedding));
}

/** Pages of two panels with these vectors. */
function toPages(vectors: readonly Float32Array[]): CollectionPage[] {
  return Array.from({ length: Math.ceil(vectors.length / 2) }, (_, page) => ({
    page,
    canonicalId: `book/${page}`,
    book: 'book',
    pageType: page === 0 ? 'cover' : 'story',
    summary: '',
    image: null,
    panels: vectors.slice(2 * page, 2 * page + 2).map((embedding, panel) => ({
      panel,
      index: panel,
      number: null,
      box: [0, 0, 10, 10],
      text: TEXTS[2 * page + panel] ?? null,
      gate: null,
      embedding: toUnitLength(embedding),
    })),
  }));
}

const post = (body: object) =>
  request(service.address)
    .post('/v1/search')
    .send({ collection: 'comics', ...body });

async function search(body: object) {
  const response = await post(body);
  assert.equal(response.status, 200, response.text);
  return searchResponseSchema.parse(response.body);
}

async function searchIds(body: object): Promise<string[]> {
  return (await search(body)).data.map(({ id }) => id);
}

describe('POST /v1/search', () => {
  before(async () => {
    pictures = new Map(await Promise.all(PICTURES.map(async (i) => [i, await drawPngPanel(i)] as const)));
    const vectors = await embedInputs();
    const [model] = service.services.models.all;
    assert.ok(model);
    const { id, space, spec } = model;
    const fields = { name: 'comics', model: id, space, dimensions: spec.dimensions };
    const { collections } = service.services;
    await fillCollection(collections, fields, toPages(vectors));
    await fillCollection(
      collections,
      { ...fields, name: 'elsewhere', model: 'other@1', space: 'other' },
      toPages(vectors),
    );
    const random = seeded(3);
    const noise = Array.from({ length: 100 }, () =>
      Float32Array.from({ length: spec.dimensions }, () => random() - 0.5),
    );
    await fillCollection(collections, { ...fields, name: 'noise' }, toPages(noise));
  });

  it('finds a panel by its words, its picture or its composition, with all that is known of it', async () => {
    const byText = await search({ text: 'the <b>end</b>' });
    const [first] = byText.data;
    assert.deepEqual(first, {
      id: idOf('the <b>end</b>'),
      canonical_id: 'book/1',
      book: 'book',
      page_type: 'story',
      panel: 0,
      number: null,
      box: [0, 0, 10, 10],
      text: 'the <b>end</b>',
      image_url: `/v1/collections/comics/panels/${first?.id}/image`,
      page_url: `/v1/collections/comics/panels/${first?.id}/page`,
      score: first?.score,
      near_duplicate_of: null,
    });
    assert.ok((first?.score ?? 0) > 0.999);
    const { data: _, ...list } = byText;
    assert.deepEqual(list, {
      object: 'list',
      collection: 'comics',
      model: 'tiny@1',
      space: service.services.models.all[0]?.space,
      level: 'panel',
      exact: true,
      query: { weights: { text: 1 }, truncated: false, unknown_tokens: 4 },
      next_cursor: byText.next_cursor,
    });
    const image = toDataUri(pictures.get(3) ?? Buffer.alloc(0));
    assert.equal((await searchIds({ image }))[0], idOf(3));
    assert.equal((await searchIds({ composition: COMPOSITION }))[0], idOf('composition'));
  });

  it('takes the URL of a picture', async () => {
    imageHost.respond = (_, response) => response.end(pictures.get(3));
    assert.equal((await searchIds({ image: `${imageOrigin}/3.png` }))[0], idOf(3));
    assertRefused(await post({ image: 'https://images.example.org/' }), 400, 'image_url_refused', 'image');
    imageHost.requests.length = 0;
    const unused = await post({ image: `${imageOrigin}/3.png`, weights: { text: 1 } });
    assertRefused(unused, 400, 'invalid_request', 'weights.text');
    assert.equal(imageHost.requests.length, 0);
  });

  it('takes the picture of a form, named or not', async () => {
    for (const [name, json] of [
      ['image', {}],
      ['drawing', { image: 'drawing' }],
    ] as const) {
      const { body } = await request(service.address)
        .post('/v1/search')
        .field('request', JSON.stringify({ collection: 'comics', top_k: 1, ...json }))
        .attach(name, pictures.get(2) ?? Buffer.alloc(0), 'x.png')
        .expect(200);
      assert.equal(body.data[0].id, idOf(2));
    }
    const unused = await request(service.address)
      .post('/v1/search')
      .field('request', JSON.stringify({ collection: 'comics', text: 'a' }))
      .attach('photo', pictures.get(2) ?? Buffer.alloc(0), 'x.png');
    assertRefused(unused, 400, 'invalid_request', 'photo');
  });

  it('finds what is like some panels and not like others, and none of them', async () => {
    const [liked, disliked] = [idOf('a cat on a roof'), idOf('zzz')];
    const others = await searchIds({ panel: liked, top_k: 100 });
    assert.equal(others.length, INPUTS.length - 1);
    assert.ok(!others.includes(liked));
    const scoreOf = async (body: object, id: string) =>
      (await search({ ...body, top_k: 100 })).data.find((row) => row.id === id)?.score ?? Number.NaN;
    const near = idOf('nobody is here');
    const before = await scoreOf({ positive: [liked] }, near);
    const after = await scoreOf({ positive: [liked], negative: [near, disliked] }, near);
    assert.ok(Number.isNaN(after) && before > 0);
    const [plain, away] = [{ text: 'a dog in the snow' }, { text: 'a dog in the snow', negative: [disliked] }];
    assert.ok((await scoreOf(away, idOf('rain, rain, rain'))) < (await scoreOf(plain, idOf('rain, rain, rain'))));
  });

  it('weighs the parts of a query', async () => {
    const image = toDataUri(pictures.get(1) ?? Buffer.alloc(0));
    const both = { image, text: 'zzz', top_k: 1 };
    assert.deepEqual(await searchIds({ ...both, weights: { image: 1, text: 0.01 } }), [idOf(1)]);
    assert.deepEqual(await searchIds({ ...both, weights: { image: 0.01 } }), [idOf('zzz')]);
    const { query } = await search({ ...both, weights: { image: 0.25 } });
    assert.deepEqual(query.weights, { text: 1, image: 0.25 });
  });

  it('gives pages by their best panel', async () => {
    const { data, level } = await search({ text: 'zzz', level: 'page', top_k: 2 });
    assert.equal(level, 'page');
    assert.deepEqual([data[0]?.id, data[0]?.canonical_id], [idOf('zzz'), 'book/2']);
    assert.deepEqual(data[0]?.panels?.[0], { id: idOf('zzz'), score: data[0]?.score });
    assert.equal(data[0]?.panels?.length, 2);
  });

  it('goes through all results by cursors', async () => {
    const body = { text: 'rain', top_k: 4 };
    const all = await searchIds({ ...body, top_k: 100 });
    const walked: string[] = [];
    let cursor: string | null = null;
    do {
      const { data, next_cursor } = await search({ ...body, cursor });
      walked.push(...data.map(({ id }) => id));
      cursor = next_cursor;
    } while (cursor !== null);
    assert.deepEqual(walked, all);
  });

  it('takes null for a field that is left out', async () => {
    const nothing = {
      image: null,
      panel: null,
      composition: null,
      positive: null,
      filters: { book: null },
      cursor: null,
    };
    assert.equal((await searchIds({ text: 'zzz', ...nothing }))[0], idOf('zzz'));
  });

  it('searches by stored panels where no model has the space, and by nothing else', async () => {
    const { body } = await post({ collection: 'elsewhere', panel: idOf('zzz') }).expect(200);
    assert.equal(body.model, 'other@1');
    assertRefused(await post({ collection: 'elsewhere', text: 'a' }), 409, 'space_mismatch', 'collection');
    assertRefused(await post({ collection: 'elsewhere', text: 'a', model: 'tiny' }), 409, 'space_mismatch', 'model');
  });

  it('refuses what cannot be searched, and names the field', async () => {
    const stranger = 'f'.repeat(16);
    const cases: [object, number, string, string | null][] = [
      [{ collection: 'no\0where', text: 'a' }, 404, 'not_found', 'collection'],
      [{ collection: undefined, text: 'a' }, 400, 'invalid_request', 'collection'],
      [{}, 400, 'invalid_request', 'text'],
      [{ negative: [idOf('zzz')] }, 400, 'invalid_request', 'text'],
      [{ text: '  ' }, 400, 'invalid_request', 'text'],
      [{ text: '\u{1F600}' }, 422, 'text_unsupported', 'text'],
      [{ text: 'a'.repeat(101) }, 413, 'text_too_long', 'text'],
      [{ image: 'photo.png' }, 400, 'invalid_request', 'image'],
      [{ image: 'data:image/png;base64,AAAA' }, 415, 'unsupported_media_type', 'image'],
      [{ composition: [1, 2] }, 400, 'invalid_request', 'composition'],
      [{ panel: stranger }, 404, 'not_found', 'panel'],
      [{ panel: 'x' }, 400, 'invalid_request', 'panel'],
      [{ text: 'a', positive: [idOf('zzz'), stranger] }, 404, 'not_found', 'positive[1]'],
      [{ text: 'a', negative: [stranger] }, 404, 'not_found', 'negative[0]'],
      [{ text: 'a', weights: { image: 1 } }, 400, 'invalid_request', 'weights.image'],
      [{ text: 'a', weights: { text: -1 } }, 400, 'invalid_request', 'weights.text'],
      [{ text: 'a', weights: { text: 0 } }, 400, 'invalid_request', 'weights'],
      [{ text: 'a', level: 'book' }, 400, 'invalid_request', 'level'],
      [{ text: 'a', top_k: 0 }, 400, 'invalid_request', 'top_k'],
      [{ text: 'a', top_k: 101 }, 400, 'invalid_request', 'top_k'],
      [{ text: 'a', filters: { author: 'x' } }, 400, 'invalid_request', 'filters.author'],
      [{ text: 'a', filters: { book: 'x' } }, 400, 'invalid_request', 'filters.book'],
      [{ text: 'a', cursor: 'x' }, 400, 'invalid_request', 'cursor'],
      [{ text: 'a', model: 'nowhere' }, 404, 'model_not_found', 'model'],
      [{ text: 'a', colour: 'red' }, 400, 'invalid_request', 'colour'],
    ];
    for (const [body, status, code, param] of cases) assertRefused(await post(body), status, code, param);
    const { next_cursor: cursor } = await search({ text: 'rain', top_k: 1 });
    assertRefused(await post({ text: 'snow', top_k: 1, cursor }), 400, 'invalid_request', 'cursor');
  });

  it('refuses the cursor of a collection that was indexed again', async () => {
    const search100 = { collection: 'noise', text: 'a' };
    const { body } = await post(search100).expect(200);
    const { id, space, spec } = service.services.models.all[0] ?? assert.fail();
    const fields = { name: 'noise', model: id, space, dimensions: spec.dimensions };
    await fillCollection(
      service.services.collections,
      fields,
      toPages([toUnitLength(new Float32Array(spec.dimensions).fill(1))]),
    );
    assertRefused(await post({ ...search100, cursor: body.next_cursor }), 400, 'invalid_request', 'cursor');
  });

  it('goes on while another collection takes the place of the one that is searched', async () => {
    const { id: model, space, spec } = service.services.models.all[0] ?? assert.fail();
    const fields = { name: 'moving', model, space, dimensions: spec.dimensions };
    const pages = toPages([toUnitLength(new Float32Array(spec.dimensions).fill(1))]);
    await fillCollection(service.services.collections, fields, pages);
    let isReplacing = true;
    const replacing = (async () => {
      for (let i = 0; i < 5; i++) await fillCollection(service.services.collections, fields, pages);
      isReplacing = false;
    })();
    while (isReplacing) {
      const { data } = await search({ collection: 'moving', text: 'a' });
      assert.equal(data.length, 1);
    }
    await replacing;
  });

  it('times its phases', async () => {
    await search({ text: 'zzz' });
    const { text } = await request(service.address).get('/metrics').expect(200);
    for (const phase of ['embed', 'database'])
      assert.match(text, new RegExp(`panelvec_search_phase_duration_seconds_count\\{phase="${phase}"\\} [1-9]`));
  });
});
