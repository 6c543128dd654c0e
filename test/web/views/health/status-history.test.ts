import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { StatusResponse } from '../../../../src/http/routes/service/status-route.ts';
import { addReading, type Reading, toRates } from '../../../../src/web/views/health/status-history.ts';

function makeReading(time: number, items: number): Reading {
  const status = {
    totals: { items, requests: 2 * items, failed_requests: 0, engine_restarts: 0 },
    event_loop_delay: { p50: 0, p99: 0.002, max: 0.01 },
    queue: { waiting: 3, in_work: 0, texts_in_work: 0 },
  };
  return { time, status: status as StatusResponse };
}

it('rates are the differences of totals; a pause and a restart of the service leave a gap', () => {
  const readings = [makeReading(0, 10), makeReading(2, 30), makeReading(60, 90), makeReading(62, 4)];
  const { items, requests, loopDelayMs, waiting, seconds } = toRates(readings);
  assert.deepEqual(items, [10, null, null]);
  assert.deepEqual(requests, [20, null, null]);
  assert.deepEqual(loopDelayMs, [2, 2, 2, 2]);
  assert.deepEqual(waiting, [3, 3, 3, 3]);
  assert.equal(seconds, 62);
});

it('only the last readings are kept', () => {
  let readings: readonly Reading[] = [];
  for (let i = 0; i < 400; i++) readings = addReading(readings, makeReading(2 * i, i));
  assert.equal(readings.length, 150);
  assert.equal(readings.at(-1)?.time, 798);
});
