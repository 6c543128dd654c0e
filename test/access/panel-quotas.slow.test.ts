import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { ACCESS_MIGRATIONS } from '../../src/access/access-migrations.ts';
import type { LimitReason } from '../../src/access/key-limits.ts';
import { PanelQuotas } from '../../src/access/panel-quotas.ts';
import { ServiceDatabase } from '../../src/database/service-database.ts';
import { PanelvecError } from '../../src/errors.ts';
import { startDatabaseProxy } from '../support/database-proxy.ts';
import { startPostgres, type TestDatabase } from '../support/databases.ts';
import { createTestConfig, silentLogger } from '../support/in-process-service.ts';

describe('quotas of panels', () => {
  let server: TestDatabase;
  let database: ServiceDatabase;
  let now: Date;
  const limited: LimitReason[] = [];
  const observer = { recordLimited: (reason: LimitReason) => void limited.push(reason) };
  const openDatabase = async (url = server.url) => {
    const config = createTestConfig({ DATABASE_URL: url ?? '' });
    const opened = new ServiceDatabase(config, [ACCESS_MIGRATIONS], silentLogger);
    await opened.start();
    return opened;
  };
  /** Without a timer: the test synchronizes. */
  const makeQuotas = (on = database) => new PanelQuotas(on, observer, silentLogger, () => now);
  const owner = { keyId: 'a', name: 'ci', limits: { panelsPerDay: 10 } };
  const assertRefused = (run: () => unknown, seconds: number) =>
    assert.throws(run, (error) => {
      assert.ok(error instanceof PanelvecError);
      assert.equal(error.code, 'quota_exceeded');
      assert.equal(error.retryAfterSeconds, seconds);
      return true;
    });

  before(async () => {
    server = await startPostgres();
    database = await openDatabase();
  });
  beforeEach(async () => {
    now = new Date('2027-01-31T23:00:00Z');
    limited.length = 0;
    await database.use((queries) => queries.query('DELETE FROM panelvec.key_days'));
  });
  after(async () => {
    await database.stop();
    await server.stop();
  });

  it('refuses what is over the quota, as a whole, and says when there is more', () => {
    const quotas = makeQuotas();
    quotas.take(owner, 8);
    assertRefused(() => quotas.take(owner, 3), 3600);
    quotas.take(owner, 2);
    assertRefused(() => quotas.assertNotExhausted(owner), 3600);
    assert.deepEqual(limited, ['panels', 'panels']);
    quotas.take({ ...owner, keyId: 'b' }, 10);
    quotas.take({ ...owner, limits: { panelsPerDay: null } }, 100);
  });

  it('takes back what was not embedded', () => {
    const quotas = makeQuotas();
    const takeBack = quotas.take(owner, 10);
    takeBack();
    quotas.take(owner, 10);
  });

  it('begins anew at midnight (UTC), and still writes what belongs to the day before', async () => {
    const quotas = makeQuotas();
    quotas.take(owner, 10);
    now = new Date('2027-01-31T23:59:59.500Z');
    assertRefused(() => quotas.take(owner, 1), 1);
    now = new Date('2027-02-01T00:00:00Z');
    quotas.take(owner, 4);
    await quotas.synchronize();
    const { rows } = await database.use((queries) =>
      queries.query('SELECT day::text, panels::integer FROM panelvec.key_days ORDER BY day'),
    );
    assert.deepEqual(rows, [
      { day: '2027-01-31', panels: 10 },
      { day: '2027-02-01', panels: 4 },
    ]);
  });

  it('counts what all services embed, and what was embedded before a restart', async () => {
    const [one, other] = [makeQuotas(), makeQuotas()];
    one.take(owner, 4);
    other.take(owner, 4);
    await one.synchronize();
    await other.synchronize();
    await one.synchronize();
    assertRefused(() => one.take(owner, 3), 3600);
    assertRefused(() => other.take(owner, 3), 3600);
    const restarted = makeQuotas();
    await restarted.start();
    assertRefused(() => restarted.take(owner, 3), 3600);
    restarted.take(owner, 2);
    await restarted.stop();
    await one.synchronize();
    assertRefused(() => one.take(owner, 1), 3600);
  });

  it('counts on while the database is away, and writes it when it is back', async (t) => {
    const proxy = await startDatabaseProxy(server.url ?? assert.fail());
    const behindProxy = await openDatabase(proxy.url);
    t.after(async () => {
      await behindProxy.stop();
      await proxy.stop();
    });
    const quotas = makeQuotas(behindProxy);
    quotas.take(owner, 3);
    proxy.cut();
    await quotas.synchronize();
    quotas.take(owner, 6);
    assertRefused(() => quotas.take(owner, 2), 3600);
    proxy.restore();
    await quotas.synchronize();
    const { rows } = await database.use((queries) => queries.query('SELECT panels::integer FROM panelvec.key_days'));
    assert.deepEqual(rows, [{ panels: 9 }]);
  });
});
