import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { startPostgres, type TestDatabase } from '../../support/databases.ts';
import { PGVECTOR_MISSING } from '../../support/pgvector.ts';
import { runPanelvec } from '../../support/run-panelvec.ts';

describe('panelvec migrate', () => {
  it('needs a server', async () => {
    const { code, stderr } = await runPanelvec(['migrate'], { DATABASE_URL: '' });
    assert.equal(code, 2);
    assert.match(stderr, /^panelvec: DATABASE_URL is not set/);
  });

  describe('on a server with pgvector', { skip: PGVECTOR_MISSING }, () => {
    let database: TestDatabase;
    before(async () => {
      database = await startPostgres({ hasPgvector: true });
    });
    after(() => database.stop());

    it('makes all tables, and changes nothing when it runs again', async () => {
      for (const round of [1, 2]) {
        const result = await migrate(database);
        assert.deepEqual(result, { code: 0, stdout: 'the database is up to date\n', stderr: '' }, `round ${round}`);
      }
      const names = await tableNames(database);
      for (const name of ['jobs', 'tasks', 'api_keys', 'audit', 'models', 'model_aliases', 'collections'])
        assert.ok(names.includes(name), `${name} of ${names.join(', ')}`);
    });
  });

  describe('on a server without pgvector', () => {
    let database: TestDatabase;
    before(async () => {
      database = await startPostgres();
    });
    after(() => database.stop());

    it('says what is missing, and does without it where nothing is searched', async () => {
      const { code, stderr } = await migrate(database);
      assert.equal(code, 1);
      assert.match(stderr, /pgvector/);
      assert.equal((await migrate(database, { PANELVEC_SEARCH: 'off' })).code, 0);
      assert.ok(!(await tableNames(database)).includes('collections'));
    });
  });
});

function migrate({ url = '', home }: TestDatabase, environment: Record<string, string> = {}) {
  return runPanelvec(['migrate'], { DATABASE_URL: url, PANELVEC_HOME: home, ...environment });
}

async function tableNames({ url }: TestDatabase): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query("SELECT tablename FROM pg_tables WHERE schemaname = 'panelvec'");
    return rows.map(({ tablename }) => tablename);
  } finally {
    await client.end();
  }
}
