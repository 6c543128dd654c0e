import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Database } from '../../src/database/database.ts';
import { DATABASES, type TestDatabase } from '../support/databases.ts';
import { silentLogger } from '../support/in-process-service.ts';

for (const { name, start } of DATABASES) {
  describe(name, () => {
    let database: TestDatabase;
    let clients: Database[];
    before(async () => {
      database = await start();
      clients = [1, 2, 3].map(() => new Database(database, silentLogger));
      for (const client of clients) await client.migrate(20_000);
      await clients[0]!.query('CREATE TABLE notes (client integer, number integer)');
    });
    after(async () => {
      for (const client of clients) await client.close();
      await database.stop();
    });

    it('gives every client its own results, beside transactions and errors of others', async () => {
      const queries = Array.from({ length: 30 }, (_, round) =>
        clients.map(async (client, index) => {
          const marker = index * 1000 + round;
          const marked = client.query<{ mark: number }>('SELECT $1::integer AS mark', [marker]);
          const failing = assert.rejects(client.query('SELECT no_such_column'), { code: '42703' });
          const counting = client.transaction(async (queries) => {
            await queries.query('INSERT INTO notes VALUES ($1, $2)', [index, round]);
            const { rows } = await queries.query<{ count: string }>(
              'SELECT count(*) FROM notes WHERE client = $1 AND number = $2',
              [index, round],
            );
            return Number(rows[0]!.count);
          });
          await failing;
          assert.equal((await marked).rows[0]!.mark, marker);
          assert.equal(await counting, 1);
        }),
      );
      await Promise.all(queries.flat());
      const { rows } = await clients[0]!.query<{ count: string }>('SELECT count(*) FROM notes');
      assert.equal(Number(rows[0]!.count), 90);
    });

    it('rolls back a transaction that fails', async () => {
      const failing = clients[0]!.transaction(async (queries) => {
        await queries.query('DELETE FROM notes');
        throw new Error('not so');
      });
      await assert.rejects(failing, /not so/);
      const { rows } = await clients[1]!.query<{ count: string }>('SELECT count(*) FROM notes');
      assert.equal(Number(rows[0]!.count), 90);
    });
  });
}
