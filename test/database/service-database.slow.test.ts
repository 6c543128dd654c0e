import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ServiceDatabase } from '../../src/database/service-database.ts';
import { startPostgres, type TestDatabase } from '../support/databases.ts';
import { createTestConfig, silentLogger } from '../support/in-process-service.ts';
import { waitFor } from '../support/wait-for.ts';

describe('the database of a service on a PostgreSQL server', () => {
  let server: TestDatabase;
  let service: ServiceDatabase;
  before(async () => {
    server = await startPostgres();
    service = new ServiceDatabase(createTestConfig({ DATABASE_URL: server.url }), [], silentLogger);
    await service.start();
  });
  after(async () => {
    await service.stop();
    await server.stop();
  });

  it('hears what another connection notifies, also after its own connection was ended', async () => {
    const controller = new AbortController();
    let notified = 0;
    service.listen('test_channel', () => notified++, controller.signal);
    await waitFor('the first connection', () => notified === 1);
    await service.use((database) => database.query('NOTIFY test_channel'));
    await waitFor('the notification', () => notified === 2);

    await service.use((database) =>
      database.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN %'`),
    );
    await waitFor('another connection', () => notified === 3);
    await service.use((database) => database.query('NOTIFY test_channel'));
    await waitFor('the next notification', () => notified === 4);
    controller.abort();
    await waitFor('its connection to end', async () => {
      const { rowCount } = await service.use((database) =>
        database.query(`SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN %'`),
      );
      return rowCount === 0;
    });
  });
});

describe('a service without jobs and a server', () => {
  it('has no database, and says why', async () => {
    const service = new ServiceDatabase(createTestConfig(), [], silentLogger);
    await service.start();
    await assert.rejects(
      service.use(async () => 1),
      { code: 'database_off', message: /PANELVEC_JOBS=off/ },
    );
    await service.stop();
  });
});
