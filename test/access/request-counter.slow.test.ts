import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { pino } from 'pino';
import { ACCESS_MIGRATIONS } from '../../src/access/access-migrations.ts';
import { RequestCounter } from '../../src/access/request-counter.ts';
import { ServiceDatabase } from '../../src/database/service-database.ts';
import { startDatabaseProxy } from '../support/database-proxy.ts';
import { startPostgres, type TestDatabase } from '../support/databases.ts';
import { createTestConfig, silentLogger } from '../support/in-process-service.ts';

describe('counting requests', () => {
  let server: TestDatabase;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.stop());

  async function openDatabase(url = server.url) {
    const database = new ServiceDatabase(
      createTestConfig({ DATABASE_URL: url ?? '' }),
      [ACCESS_MIGRATIONS],
      silentLogger,
    );
    await database.start();
    return database;
  }

  it('counts those of all services of a database together, each key for itself', async () => {
    const databases = await Promise.all([openDatabase(), openDatabase()]);
    const counters = databases.map((database) => new RequestCounter(database, silentLogger));
    const minute = () => Math.floor(Date.now() / 60_000);
    const count = async () => {
      const begun = minute();
      await databases[0]?.use((database) => database.query('DELETE FROM panelvec.key_minutes'));
      const counts = await Promise.all(
        Array.from({ length: 20 }, (_, i) => counters[i % 2]?.count('a') ?? assert.fail()),
      );
      const other = await counters[0]?.count('b');
      return { counts, other, isWhole: minute() === begun };
    };
    let { counts, other, isWhole } = await count();
    // A minute has just ended in between: the next one is long enough.
    if (!isWhole) ({ counts, other } = await count());
    assert.deepEqual(
      counts.map(({ requests }) => requests).sort((a, b) => a - b),
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
    assert.equal(other?.requests, 1);
    for (const { msLeft } of counts) assert.ok(msLeft > 0 && msLeft <= 60_000);
    for (const database of databases) await database.stop();
  });

  it('begins anew with each minute', async () => {
    const database = await openDatabase();
    const counter = new RequestCounter(database, silentLogger);
    await counter.count('c');
    await database.use((queries) =>
      queries.query("UPDATE panelvec.key_minutes SET minute = minute - 1, requests = 99 WHERE key_id = 'c'"),
    );
    assert.equal((await counter.count('c')).requests, 1);
    await database.stop();
  });

  it('counts on its own, without waiting again, while the database is away', async (t) => {
    const proxy = await startDatabaseProxy(server.url ?? assert.fail());
    const database = await openDatabase(proxy.url);
    t.after(async () => {
      await database.stop();
      await proxy.stop();
    });
    const warnings: string[] = [];
    const counter = new RequestCounter(database, pino({}, { write: (text: string) => void warnings.push(text) }));
    await counter.count('d');
    proxy.cut();
    for (let i = 0; i < 50; i++) assert.ok((await counter.count('d')).requests >= 1);
    assert.equal(warnings.length, 1);
  });
});
