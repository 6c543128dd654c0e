import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FailedKeys } from '../../src/access/failed-keys.ts';

function fail(failedKeys: FailedKeys, address: string, times: number, now: number): number[] {
  return Array.from({ length: times }, () => failedKeys.record(address, now));
}

describe('the wrong keys of an address', () => {
  it('are ten in a minute, and then it has to wait for the rest of the minute', () => {
    const failedKeys = new FailedKeys();
    assert.deepEqual(fail(failedKeys, '192.0.2.1', 10, 0), Array(10).fill(0));
    assert.deepEqual([failedKeys.record('192.0.2.1', 0), failedKeys.record('192.0.2.1', 45_500)], [60, 15]);
    assert.equal(failedKeys.record('192.0.2.2', 45_500), 0);
    assert.equal(failedKeys.record('192.0.2.1', 60_000), 0);
  });

  it('are counted together for the addresses of IPv6 that one client has', () => {
    const failedKeys = new FailedKeys();
    fail(failedKeys, '2001:db8::1', 10, 0);
    assert.equal(failedKeys.record('2001:db8:0:0:1234:5678:9abc:def0', 0), 60);
    assert.equal(failedKeys.record('2001:db8:0:1::1', 0), 0);
    assert.equal(failedKeys.record('::1', 0), 0);
    fail(failedKeys, '::ffff:192.0.2.1', 10, 0);
    assert.equal(failedKeys.record('::ffff:192.0.2.2', 0), 0);
  });

  it('are kept of a bounded number of addresses', () => {
    const failedKeys = new FailedKeys();
    for (let i = 0; i < 12_000; i++) failedKeys.record(`10.0.${i >> 8}.${i & 255}`, 0);
    assert.equal(failedKeys.size, 10_000);
  });
});
