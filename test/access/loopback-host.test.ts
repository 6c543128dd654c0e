import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isLoopbackHost } from '../../src/access/loopback-host.ts';

for (const host of ['127.0.0.1', '127.8.9.10', '::1', '0:0::1', '::ffff:127.0.0.1', 'localhost']) {
  it(`takes ${host} for this machine alone`, async () => assert.ok(await isLoopbackHost(host)));
}

for (const host of [
  '0.0.0.0',
  '::',
  '192.168.1.2',
  '128.0.0.1',
  '::2',
  '::ffff:10.0.0.1',
  'fe80::1%eth0',
  'no.such.invalid',
]) {
  it(`does not take ${host} for this machine alone`, async () => assert.equal(await isLoopbackHost(host), false));
}
