import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import sharp from 'sharp';
import request from 'supertest';
import { panelId } from '../../../../src/collections/collection.ts';
import { pictureName, type TestPage, useCollectionService } from '../../../support/collection-service.ts';

const HOSTILE_TEXTS = [
  '<script>alert(1)</script><img src=x onerror=alert(2)>',
  `"; DROP TABLE panels; -- ' \\ {{7*7}} \u0000`,
  '\u{1F600}\u{20BB7} \u202Eمرحبا\u202C שלום',
];
const HOSTILE_ID = '../../etc/passwd "<b>\u{1F600}';
const PAGES: readonly TestPage[] = [
  { canonicalId: 'book/1', texts: ['first', null] },
  { canonicalId: 'book/2', texts: [null] },
  { canonicalId: 'book/3', texts: ['third'], hasImage: false },
  { canonicalId: HOSTILE_ID, book: `<i>'"\u{1F600}`, pageType: '<u>', texts: HOSTILE_TEXTS },
];
const service = useCollectionService();

const get = (suffix: string) => request(service.address).get(`/v1/collections${suffix}`);
const idOf = (canonicalId: string, panel = 0) => panelId(canonicalId, panel);

describe('/v1/collections', () => {
  before(() => service.fill('comics', PAGES));

  it('lists and shows collections, and says which can be searched', async () => {
    await service.fill('other-space', PAGES.slice(0, 1), 'another');
    const { body } = await get('').expect(200);
    assert.deepEqual(
      body.data.map(({ name, searchable, pages, panels }: Record<string, unknown>) => [
        name,
        searchable,
        pages,
        panels,
      ]),
      [
        ['comics', true, 4, 7],
        ['other-space', false, 1, 2],
      ],
    );
    const { body: shown } = await get('/comics').expect(200);
    assert.deepEqual(shown, body.data[0]);
    assert.ok(Math.abs(shown.created_at - Date.now() / 1000) < 600);
    assert.deepEqual(shown.source, { dataset: { images: { tolerant: false } } });
    const { body: facets } = await get('/comics/facets').expect(200);
    assert.deepEqual(facets, {
      books: [{ value: 'book', panels: 1 }],
      books_total: 1,
      page_types: [{ value: 'story', panels: 1 }],
    });
  });

  it('deletes a collection, but not what it was made of', async () => {
    await service.fill('deleted', PAGES.slice(0, 1));
    const { body } = await request(service.address).delete('/v1/collections/deleted').expect(200);
    assert.deepEqual(body, { object: 'collection', name: 'deleted', deleted: true });
    await get('/deleted').expect(404);
    await get(`/comics/panels/${idOf('book/1')}/image`).expect(200);
  });

  it('names what it does not have', async () => {
    for (const suffix of [
      '',
      '/facets',
      '/panels?ids=a',
      `/panels/${idOf('book/1')}`,
      '/panels/a/image',
      '/panels/a/page',
    ]) {
      const { body } = await get(`/none${suffix}`).expect(404);
      assert.deepEqual([body.error.code, body.error.param], ['not_found', 'collection'], suffix);
    }
    await request(service.address).delete('/v1/collections/none').expect(404);
    for (const suffix of ['', '/image', '/page']) {
      const { body } = await get(`/comics/panels/none${suffix}`).expect(404);
      assert.deepEqual([body.error.code, body.error.param], ['not_found', 'id']);
    }
  });
});

describe('panels of a collection', () => {
  it('are shown in the order of their ids, without those that are not there', async () => {
    const ids = [idOf('book/2'), 'none', idOf('book/1', 1), idOf('book/1')];
    const { body } = await get(`/comics/panels?ids=${ids.join(',')}`).expect(200);
    assert.deepEqual(
      body.data.map(({ canonical_id, panel }: Record<string, unknown>) => [canonical_id, panel]),
      [
        ['book/2', 0],
        ['book/1', 1],
        ['book/1', 0],
      ],
    );
    assert.deepEqual(body.data[1], {
      id: idOf('book/1', 1),
      canonical_id: 'book/1',
      book: 'book',
      page_type: 'narrative',
      panel: 1,
      number: 2,
      box: [10, 70, 100, 40],
      text: null,
      image_url: `/v1/collections/comics/panels/${idOf('book/1', 1)}/image`,
      page_url: `/v1/collections/comics/panels/${idOf('book/1', 1)}/page`,
    });
    for (const query of ['', '?ids=', `?ids=${Array(101).fill('a').join(',')}`]) {
      const { body: refused } = await get(`/comics/panels${query}`).expect(400);
      assert.equal(refused.error.param, 'ids');
    }
  });

  it('are shown with their page, its panels and its neighbours in the book', async () => {
    const { body } = await get(`/comics/panels/${idOf('book/2')}`).expect(200);
    assert.deepEqual(body.page, {
      canonical_id: 'book/2',
      book: 'book',
      page_type: 'narrative',
      summary: 'summary of book/2',
      width: 200,
      height: 300,
      panels: [{ id: idOf('book/2'), panel: 0, box: [10, 20, 100, 40], text: null }],
      previous: { canonical_id: 'book/1', panel_id: idOf('book/1') },
      next: { canonical_id: 'book/3', panel_id: idOf('book/3') },
    });
    assert.deepEqual(body.gate, { vision: 0.5, text: 0.25, composition: 0.25 });
    const { body: first } = await get(`/comics/panels/${idOf('book/1', 1)}`).expect(200);
    assert.equal(first.page.panels.length, 2);
    assert.deepEqual([first.page.previous, first.gate], [null, null]);
    // The next page is of another book, and its own picture is not known.
    const { body: last } = await get(`/comics/panels/${idOf('book/3')}`).expect(200);
    assert.deepEqual([last.page.next, last.page.width, last.page.height], [null, null, null]);
  });

  it('keep names and texts with markup, quotes and any characters as they are', async () => {
    const ids = HOSTILE_TEXTS.map((_, panel) => idOf(HOSTILE_ID, panel));
    const response = await get(`/comics/panels?ids=${ids.join(',')}`).expect(200);
    assert.match(response.headers['content-type'] ?? '', /^application\/json/);
    assert.deepEqual(
      response.body.data.map(({ text }: { text: string }) => text),
      HOSTILE_TEXTS.map((text) => text.replaceAll('\0', '\uFFFD')),
    );
    const { body } = await get(`/comics/panels/${ids[0]}`).expect(200);
    assert.deepEqual([body.canonical_id, body.book, body.page_type], [HOSTILE_ID, PAGES[3]?.book, '<u>']);
    await get(`/comics/panels/${ids[0]}/image`).expect(200).expect('content-type', 'image/jpeg');
    for (const id of [`${ids[0]}'--`, '..%2f..%2fetc%2fpasswd', '%00', '%F0%9F%98%80']) {
      await get(`/comics/panels/${id}/image`).expect(404);
    }
  });
});

describe('pictures of a collection', () => {
  const panel = `/comics/panels/${idOf('book/1')}`;

  it('are sent with an ETag, which a client need not download again', async () => {
    const image = await get(`${panel}/image?width=160`).expect(200);
    const { format, width, height } = await sharp(image.body).metadata();
    assert.deepEqual([format, width, height], ['jpeg', 100, 40]);
    const { etag = '' } = image.headers;
    assert.equal(image.headers['cache-control'], 'private, max-age=300');
    assert.equal(image.headers['x-content-type-options'], 'nosniff');
    const again = await get(`${panel}/image?width=160`).set('if-none-match', `"other", ${etag}`).expect(304);
    assert.deepEqual([again.headers['etag'], again.text], [etag, '']);
    const head = await request(service.address).head(`/v1/collections${panel}/image?width=160`).expect(200);
    assert.equal(head.headers['content-length'], String(image.body.length));
    const page = await get(`${panel}/page`).expect(200).expect('content-type', 'image/png');
    assert.equal((await sharp(page.body).metadata()).height, 300);
    assert.notEqual(page.headers['etag'], etag);
    const { body } = await get(`${panel}/page?width=200`).expect(400);
    assert.equal(body.error.param, 'width');
  });

  it('say that they are gone or damaged, while the panel is still found', async () => {
    const [moved, damaged] = [idOf('book/2'), idOf(HOSTILE_ID)];
    await get(`/comics/panels/${moved}/image`).expect(200);
    await rm(path.join(service.pages, pictureName(1)));
    await writeFile(path.join(service.pages, pictureName(3)), '<svg/>');
    const cases = [
      [moved, 404, 'picture_missing'],
      [damaged, 422, 'picture_unreadable'],
      [idOf('book/3'), 404, 'picture_missing'],
    ] as const;
    for (const [id, status, code] of cases) {
      for (const name of ['image', 'page']) {
        const { body, headers } = await get(`/comics/panels/${id}/${name}`).expect(status);
        assert.equal(body.error.code, code);
        assert.deepEqual([headers['etag'], headers['cache-control']], [undefined, undefined]);
      }
      const { body } = await get(`/comics/panels/${id}`).expect(200);
      assert.equal(body.page.width, null);
    }
  });
});
