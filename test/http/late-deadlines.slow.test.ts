import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useCollectionService } from '../support/collection-service.ts';

const ATTEMPTS = 30;

describe('a deadline that passes in work on a request without a body', () => {
  const service = useCollectionService();

  it('is a 504, and the service goes on', async () => {
    await service.fill('shelf', [{ canonicalId: 'a', texts: ['rain'] }]);
    // The test runner catches what would end the process of a service.
    const uncaught: Error[] = [];
    const record = (error: Error) => uncaught.push(error);
    process.on('uncaughtExceptionMonitor', record);
    const get = (headers: Record<string, string> = {}) => fetch(`${service.address}/v1/collections`, { headers });
    // A statement of the database may be faster than the shortest deadline, but hardly ever.
    const responses = await Promise.all(
      Array.from({ length: ATTEMPTS }, async () => {
        const response = await get({ 'x-request-timeout-ms': '1' });
        await response.arrayBuffer();
        return response.status;
      }),
    );
    assert.ok(responses.includes(504), responses.join(' '));
    assert.equal((await get()).status, 200);
    process.off('uncaughtExceptionMonitor', record);
    assert.deepEqual(uncaught, []);
  });
});
