import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { testSeed } from '../support/seed.ts';
import { type SimulatedLoad, simulateOverload } from '../support/simulate-overload.ts';

describe('nine hundred clients that send one request after the other', () => {
  const quantile = (sorted: readonly number[], share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
  const costs = {
    equal: () => 0.01,
    'up to ten times as large as others': (random: () => number) => 0.002 + 0.02 * random() ** 3,
  };
  const manners = {
    'to the millisecond': (seconds: number) => seconds * 1000,
    'in whole seconds': (seconds: number) => Math.ceil(seconds) * 1000,
  };
  const returns: Record<string, Partial<SimulatedLoad>> = {
    'each has a connection': {},
    'each has a connection, a tenth never returns': { lost: 0.1 },
    'each has a connection, all requests are of one length': { lengths: 1 },
    'connections are closed after four seconds': { connections: { idleSeconds: 4 }, lost: 0.1 },
    'each request has a connection': { connections: { idleSeconds: 0 } },
    'all share a pool of connections': { connections: { pooled: true } },
    'a proxy has a connection for each twenty': { connections: { clientsPerConnection: 20 } },
  };
  const loads: { title: string; load: Omit<SimulatedLoad, 'clients' | 'seconds' | 'seed'> }[] = Object.entries(
    returns,
  ).flatMap(([name, clients], i) =>
    [40, 100, 200].map((rate, j) => {
      const cost = (i + j) % 2 === 0 ? 'equal' : 'up to ten times as large as others';
      const manner = j % 2 === 0 ? 'in whole seconds' : 'to the millisecond';
      const title = `${rate} requests a second, ${cost}, obey ${manner}, ${name}`;
      return { title, load: { ...clients, rate, cost: costs[cost], obey: manners[manner] } };
    }),
  );
  for (const { title, load } of loads) {
    it(`are accepted at their next try: ${title}`, (t) => {
      const result = simulateOverload({ ...load, clients: 900, seconds: 60, seed: testSeed(t) });
      const p99 = quantile(result.waits, 0.99);
      t.diagnostic(`p99 ${p99.toFixed(2)} s, ${result.retries} retries, ${result.acceptedRetries.toFixed(3)} accepted`);
      assert.ok(result.retries > 500);
      assert.ok(result.acceptedRetries >= 0.8, `${result.acceptedRetries} of the retries`);
      assert.ok(p99 < 3, `${p99} s`);
      assert.ok(result.utilisation >= 0.95, `${result.utilisation} of the time`);
    });
  }

  it('are all accepted where the service can hold them', (t) => {
    const result = simulateOverload({ clients: 140, rate: 100, seconds: 60, seed: testSeed(t) });
    assert.equal(result.refused, 0);
  });
});
