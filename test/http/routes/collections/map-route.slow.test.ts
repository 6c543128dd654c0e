import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import request from 'supertest';
import { panelId } from '../../../../src/collections/collection.ts';
import { getCollection } from '../../../../src/collections/collection-records.ts';
import { makeCollectionMap } from '../../../../src/collections/map/make-collection-map.ts';
import { useCollectionService } from '../../../support/collection-service.ts';
import { decodeMapPoints } from '../../../support/map-points.ts';

const service = useCollectionService();
const get = (suffix: string) => request(service.address).get(`/v1/collections${suffix}`);

describe('/v1/collections/{collection}/map', () => {
  before(async () => {
    await service.fill('a map', [
      { canonicalId: 'one/1', texts: ['first', null] },
      { canonicalId: 'two/1', texts: ['second'], pageType: 'cover' },
    ]);
    await service.fill('plain', [{ canonicalId: 'one/1', texts: [null] }]);
    await service.services.collections.use(async (database) =>
      makeCollectionMap(database, await getCollection(database, 'a map'), 1, new AbortController().signal),
    );
  });

  it('has a legend, clusters with faces, and the points as bytes with an ETag', async () => {
    const { body: map } = await get('/a%20map/map').expect(200);
    const { clusters, points_url, books, ...rest } = map;
    assert.deepEqual(rest, {
      object: 'map',
      collection: 'a map',
      count: 3,
      total: 3,
      landmarks: 3,
      seed: 1,
      page_types: [
        { value: 'narrative', panels: 2 },
        { value: 'cover', panels: 1 },
      ],
    });
    assert.equal(points_url, '/v1/collections/a%20map/map/points');
    const ids = [panelId('one/1', 0), panelId('one/1', 1), panelId('two/1', 0)].sort();
    assert.deepEqual(clusters.flatMap(({ faces }: { faces: string[] }) => faces).toSorted(), ids);

    const response = await request(service.address).get(points_url).expect(200).responseType('blob');
    assert.equal(response.headers['content-type'], 'application/octet-stream');
    assert.equal(response.body.length, 8 + 20 * 3);
    const points = decodeMapPoints(response.body);
    assert.deepEqual(points.ids.toSorted(), ids);
    assert.equal(map.page_types[points.pageTypes[points.ids.indexOf(panelId('two/1', 0))] ?? -1].value, 'cover');
    assert.equal(books.length, new Set(points.books).size);
    const { etag = '' } = response.headers;
    await request(service.address).get(points_url).set('if-none-match', etag).expect(304);
    await request(service.address).head(points_url).expect(200).expect('etag', etag);
  });

  it('says which collection has one', async () => {
    const { body } = await get('').expect(200);
    assert.deepEqual(
      body.data.map(({ name, has_map }: Record<string, unknown>) => [name, has_map]),
      [
        ['a map', true],
        ['plain', false],
      ],
    );
    for (const suffix of ['/plain/map', '/plain/map/points', '/none/map', '/none/map/points']) {
      const { body } = await get(suffix).expect(404);
      assert.equal(body.error.param, 'collection');
    }
  });
});
