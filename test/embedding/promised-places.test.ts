import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PromisedPlaces } from '../../src/embedding/promised-places.ts';

/** Places that are due each second from the first on, for clients given as connection and request. */
function keepPlaces(...clients: readonly (readonly [connection: object, request: string | undefined])[]) {
  const places = new PromisedPlaces();
  for (const [i, [connection, request]] of clients.entries()) {
    places.add({ connection, request }, { dueAt: 1000 * (i + 1), work: i, priority: 'interactive' });
  }
  const take = (connection: object, request: string | undefined, ms: number) =>
    places.take({ connection, request }, ms)?.work;
  return { places, take };
}

const [a, b] = [{}, {}];

describe('places that were promised', () => {
  it('are found by their connection and their request, once, and not before their time', () => {
    const { take } = keepPlaces([a, 'x'], [a, 'y'], [b, 'x']);
    assert.equal(take(a, 'x', 900), undefined);
    assert.equal(take(b, 'x', 4000), 2, 'its own, though an earlier one is due');
    assert.equal(take(a, 'y', 4000), 1);
    assert.equal(take(a, 'x', 4000), 0);
    assert.equal(take(a, 'x', 4000), undefined);
  });

  it('are found by the same request over another connection', () => {
    const { take } = keepPlaces([a, 'x'], [a, undefined]);
    assert.equal(take({}, 'y', 3000), undefined);
    assert.equal(take({}, undefined, 3000), undefined, 'which says nothing');
    assert.equal(take({}, 'x', 3000), 0);
    assert.equal(take({}, 'x', 3000), undefined);
  });

  it('are found by another request over their connection, unless others wait on it too', () => {
    assert.equal(keepPlaces([a, 'x']).take(a, 'y', 1000), 0);
    assert.equal(keepPlaces([a, 'x'], [a, 'z']).take(a, 'y', 2000), undefined);
  });

  it('are found by their connection alone, where many send the same request', () => {
    const connections = Array.from({ length: 100 }, () => ({}));
    const { take } = keepPlaces(...connections.map((connection) => [connection, 'x'] as const));
    const found = connections.map(() => take({}, 'x', 102_000)).filter((work) => work !== undefined);
    assert.ok(found.length < 5, `${found.length} by the request`);
    assert.equal(take(connections[50] ?? {}, 'x', 102_000), 50);
  });

  it('end when nobody has come for some seconds', () => {
    const { places, take } = keepPlaces([a, 'x'], [a, 'y'], [b, 'z']);
    take(a, 'y', 2000);
    const worksOf = (list: Iterable<{ work: number }>) => [...list].map(({ work }) => work);
    assert.deepEqual(worksOf(places.expire(7500)), [0]);
    assert.deepEqual(worksOf(places.waiting()), [2]);
    assert.equal(places.count(a), 0);
    assert.equal(take(a, 'x', 7500), undefined);
    assert.deepEqual(worksOf(places.expire(20_000)), [2]);
    assert.deepEqual(worksOf(places.expire(20_000)), []);
  });
});
