import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Database, type DatabaseSettings } from '../../../src/database/database.ts';
import { LOCAL_SOCKETS } from '../../../src/database/database-address.ts';
import { EmbeddedDatabase } from '../../../src/database/embedded/embedded-database.ts';
import { runtimeFolder } from '../../../src/database/runtime-folder.ts';
import { silentLogger } from '../../support/in-process-service.ts';
import { waitFor } from '../../support/wait-for.ts';

for (const localSockets of LOCAL_SOCKETS) {
  describe(`an embedded database with sockets of the kind ${localSockets}`, () => {
    let settings: DatabaseSettings;
    before(async () => {
      settings = { url: undefined, home: await mkdtemp(path.join(tmpdir(), 'panelvec-home-')), localSockets };
    });
    after(() => rm(settings.home, { recursive: true, force: true }));

    it('fails the open transaction when it is killed, keeps what was committed, and starts again', async () => {
      await using embedded = await start(settings);
      await using client = await connect(settings);
      await client.query('CREATE TABLE kept (number integer)');
      await client.query('INSERT INTO kept VALUES (7)');
      const interrupted = client.transaction(async (queries) => {
        await queries.query('INSERT INTO kept VALUES (8)');
        process.kill(embedded.pid!, 'SIGKILL');
        await queries.query('INSERT INTO kept VALUES (9)');
      });
      await assert.rejects(interrupted);
      const rows = await waitFor('the database', () =>
        client.query<{ number: number }>('SELECT number FROM kept').then(
          (result) => result.rows,
          () => undefined,
        ),
      );
      assert.deepEqual(rows, [{ number: 7 }]);
    });

    it('refuses a second service of the same home, and goes on with the first', async () => {
      await using _first = await start(settings);
      const other = localSockets === 'unix' ? 'tcp' : 'unix';
      await assert.rejects(EmbeddedDatabase.start({ ...settings, localSockets: other }, silentLogger), {
        code: 'config_invalid',
        message: /another service has the database/,
      });
      await using _client = await connect(settings);
    });

    it('is given to one of two services that start at the same moment', async () => {
      const starts = await Promise.allSettled([start(settings), start(settings)]);
      await using winners = new AsyncDisposableStack();
      for (const result of starts) if (result.status === 'fulfilled') winners.use(result.value);
      assert.deepEqual(starts.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
      await using _client = await connect(settings);
    });

    it('leaves nothing behind that stays in the temporary folder', async () => {
      {
        await using _embedded = await start(settings);
        const { mode } = await stat(runtimeFolder(settings.home));
        assert.equal(mode & 0o777, 0o700);
      }
      assert.equal(existsSync(runtimeFolder(settings.home)), false);
    });

    it('starts at once after a service that was killed', async () => {
      const killed = await start(settings);
      process.kill(killed.pid!, 'SIGKILL');
      // Before the killed one is started again.
      await killed.stop();
      assert.ok(existsSync(runtimeFolder(settings.home)), 'the old address is still there');
      await using _embedded = await start(settings);
      await using _client = await connect(settings);
    });
  });
}

describe('an embedded database in a temporary folder with a long path', () => {
  const temporaryFolder = process.env['TMPDIR'];
  let settings: Pick<DatabaseSettings, 'home' | 'url'>;
  before(async () => {
    const home = await mkdtemp(path.join(tmpdir(), 'panelvec-home-'));
    settings = { url: undefined, home };
    process.env['TMPDIR'] = path.join(home, 'long'.repeat(25));
    await mkdir(tmpdir());
  });
  after(async () => {
    if (temporaryFolder === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = temporaryFolder;
    await rm(settings.home, { recursive: true, force: true });
  });

  it('says what to set where a Unix socket does not fit', async () => {
    await assert.rejects(start({ ...settings, localSockets: 'unix' }), {
      code: 'config_invalid',
      message: /TMPDIR .* PANELVEC_LOCAL_SOCKETS=tcp/,
    });
  });

  it('runs on a loopback port', async () => {
    const tcp = { ...settings, localSockets: 'tcp' } as const;
    await using _embedded = await start(tcp);
    await using _client = await connect(tcp);
  });
});

async function start(settings: DatabaseSettings) {
  const embedded = await EmbeddedDatabase.start(settings, silentLogger);
  return {
    get pid() {
      return embedded.pid;
    },
    stop: () => embedded.stop(),
    [Symbol.asyncDispose]: () => embedded.stop(),
  };
}

async function connect(settings: DatabaseSettings) {
  const database = new Database(settings, silentLogger);
  await database.migrate(20_000);
  return Object.assign(database, { [Symbol.asyncDispose]: () => database.close() });
}
