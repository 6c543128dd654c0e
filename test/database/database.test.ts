import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Database } from '../../src/database/database.ts';
import { EmbeddedDatabase } from '../../src/database/embedded/process.ts';
import { DATABASES, type TestDatabase } from '../support/databases.ts';
import { silent } from '../support/services.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { waitFor } from '../support/wait.ts';

for (const { name, start } of DATABASES) {
  describe(name, () => {
    let database: TestDatabase;
    let clients: Database[];
    before(async () => {
      database = await start();
      clients = [1, 2, 3].map(() => new Database(database, silent));
      for (const client of clients) await client.prepare(20_000);
      await clients[0]!.query('CREATE TABLE notes (client integer, number integer)');
    });
    after(async () => {
      for (const client of clients) await client.close();
      await database.stop();
    });

    it('gives every client its own answers, beside transactions and errors of others', async () => {
      const rounds = Array.from({ length: 30 }, (_, round) =>
        clients.map(async (client, at) => {
          const mark = at * 1000 + round;
          const read = client.query<{ mark: number }>('SELECT $1::integer AS mark', [mark]);
          const wrong = assert.rejects(client.query('SELECT no_such_column'), { code: '42703' });
          const counted = client.transaction(async (queries) => {
            await queries.query('INSERT INTO notes VALUES ($1, $2)', [at, round]);
            const { rows } = await queries.query<{ count: string }>(
              'SELECT count(*) FROM notes WHERE client = $1 AND number = $2',
              [at, round],
            );
            return Number(rows[0]!.count);
          });
          await wrong;
          assert.equal((await read).rows[0]!.mark, mark);
          assert.equal(await counted, 1);
        }),
      );
      await Promise.all(rounds.flat());
      const { rows } = await clients[0]!.query<{ count: string }>('SELECT count(*) FROM notes');
      assert.equal(Number(rows[0]!.count), 90);
    });

    it('takes nothing of a transaction that fails', async () => {
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

describe('an embedded database that is killed', () => {
  it('fails the transaction that is under way, keeps what was committed, and comes back', async () => {
    const { home, remove } = await makeTinyModel();
    const embedded = await EmbeddedDatabase.start(home, silent);
    const client = new Database({ url: undefined, home }, silent);
    await client.prepare(20_000);
    await client.query('CREATE TABLE kept (number integer)');
    await client.query('INSERT INTO kept VALUES (7)');
    const cut = client.transaction(async (queries) => {
      await queries.query('INSERT INTO kept VALUES (8)');
      process.kill(embedded.pid!, 'SIGKILL');
      await queries.query('INSERT INTO kept VALUES (9)');
    });
    await assert.rejects(cut);
    const rows = await waitFor('the database', () =>
      client.query<{ number: number }>('SELECT number FROM kept').then(
        (answer) => answer.rows,
        () => undefined,
      ),
    );
    assert.deepEqual(rows, [{ number: 7 }]);
    await client.close();
    await embedded.stop();
    await remove();
  });

  it('is refused to a second service of the same home, which leaves the first as it is', async () => {
    const { home, remove } = await makeTinyModel();
    const first = await EmbeddedDatabase.start(home, silent);
    await assert.rejects(EmbeddedDatabase.start(home, silent), {
      code: 'config_invalid',
      message: /another service has the database/,
    });
    const client = new Database({ url: undefined, home }, silent);
    await client.prepare(20_000);
    await client.close();
    await first.stop();
    await remove();
  });
});
