import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startService } from '../../support/in-process-service.ts';
import { SKIP_WITHOUT_IPV6 } from '../../support/ipv6.ts';
import { panelvec, tiny } from '../tiny-command-line.ts';

describe('panelvec health', () => {
  it('prints "ready" for a ready service, and ends with 1 if nothing listens', async () => {
    const service = await startService({ PANELVEC_HOME: tiny.home, PANELVEC_MODELS: 'tiny' });
    const { port } = new URL(service.address);
    try {
      assert.deepEqual(await panelvec('health', '--port', port), { code: 0, stdout: 'ready\n', stderr: '' });
    } finally {
      await service.close();
    }
    const { code, stderr } = await panelvec('health', '--port', port);
    assert.equal(code, 1);
    assert.match(stderr, /^panelvec: http:\S+ does not answer/);
  });
});

describe('panelvec health and jobs', () => {
  it('reach a service whose address is in brackets', { skip: SKIP_WITHOUT_IPV6 }, async () => {
    const service = await startService({ PANELVEC_HOME: tiny.home, PANELVEC_MODELS: 'tiny', HOST: '[::1]' });
    const { port } = new URL(service.address);
    try {
      for (const host of ['[::1]', '::1']) {
        assert.equal((await panelvec('health', '--host', host, '--port', port)).stdout, 'ready\n');
      }
    } finally {
      await service.close();
    }
  });

  it('reach a service that listens on all IPv6 addresses', { skip: SKIP_WITHOUT_IPV6 }, async () => {
    const service = await startService({
      PANELVEC_HOME: tiny.home,
      PANELVEC_MODELS: 'tiny',
      HOST: '::',
      PANELVEC_ALLOW_ANONYMOUS: '1',
    });
    const { port } = new URL(service.address);
    try {
      assert.equal((await panelvec('health', '--host', '::', '--port', port)).stdout, 'ready\n');
      const { code, stderr } = await panelvec('jobs', 'list', '--host', '::', '--port', port);
      // The service of this test takes no jobs, and says so: the request has arrived.
      assert.deepEqual([code, /PANELVEC_JOBS/.test(stderr)], [1, true], stderr);
    } finally {
      await service.close();
    }
  });
});
