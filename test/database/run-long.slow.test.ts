import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Database } from '../../src/database/database.ts';
import { startPostgres, type TestDatabase } from '../support/databases.ts';
import { silentLogger } from '../support/in-process-service.ts';
import { waitFor } from '../support/wait-for.ts';

describe('a long statement on a PostgreSQL server', () => {
  let server: TestDatabase;
  let database: Database;
  before(async () => {
    server = await startPostgres();
    database = new Database(server, silentLogger);
  });
  after(async () => {
    await database.close();
    await server.stop();
  });

  const countSleeping = async () => {
    const { rowCount } = await database.query(
      `SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)' AND state = 'active'`,
    );
    return rowCount ?? 0;
  };

  it('is ended by the server when its signal is aborted', async () => {
    const controller = new AbortController();
    const sleeping = database.runLong((queries) => queries.query('SELECT pg_sleep(600)'), controller.signal);
    const rejected = assert.rejects(sleeping, /enough/);
    await waitFor('the statement to run', async () => (await countSleeping()) === 1);
    controller.abort(new Error('enough'));
    await rejected;
    await waitFor('the statement to end', async () => (await countSleeping()) === 0);
  });

  it('returns what its statements return', async () => {
    const { rows } = await database.runLong(
      (queries) => queries.query('SELECT 1 AS one'),
      new AbortController().signal,
    );
    assert.deepEqual(rows, [{ one: 1 }]);
  });
});
