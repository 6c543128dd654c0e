import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { Database } from '../../../src/database/database.ts';
import { DatabaseProcess } from '../../../src/database/embedded/database-process.ts';
import { EmbeddedDatabase } from '../../../src/database/embedded/embedded-database.ts';
import { silentLogger } from '../../support/in-process-service.ts';
import { waitFor } from '../../support/wait-for.ts';

const LONG_QUERY = 'SELECT count(*) FROM generate_series(1, 2000000)';

describe('two embedded databases in one process', () => {
  let folder: string;
  let databaseProcess: DatabaseProcess;
  let opened: EmbeddedDatabase[];
  let clients: Database[];
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'panelvec-home-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));
  beforeEach(async () => {
    databaseProcess = new DatabaseProcess([], silentLogger);
    opened = [];
    clients = [];
    for (const kind of ['jobs', 'collections'] as const) {
      const settings = { home: path.join(folder, kind), localSockets: 'unix', kind } as const;
      opened.push(await EmbeddedDatabase.start(settings, silentLogger, databaseProcess));
      clients.push(new Database({ ...settings, url: undefined }, silentLogger));
    }
  });
  afterEach(async () => {
    for (const client of clients) await client.close();
    for (const database of opened.reverse()) await database.stop();
  });

  it('answer each while the other computes', async () => {
    const [jobs, collections] = clients;
    let hasEnded = false;
    const long = collections!.query(LONG_QUERY).finally(() => {
      hasEnded = true;
    });
    for (let i = 0; i < 5; i++) await jobs!.query('SELECT 1');
    assert.equal(hasEnded, false);
    await long;
  });

  it('are both there again, with what they had, when the process was killed', async () => {
    const [first] = opened;
    assert.ok(opened.every(({ pid }) => pid === databaseProcess.pid));
    for (const client of clients) await client.query('CREATE TABLE IF NOT EXISTS kept (number integer)');
    const killed = first!.pid!;
    process.kill(killed, 'SIGKILL');
    for (const client of clients) {
      await waitFor('the database', () =>
        client.query('SELECT * FROM kept').then(
          () => databaseProcess.pid !== killed,
          () => false,
        ),
      );
    }
  });

  it('end one by one, and the process with the last', async () => {
    const [jobs] = clients;
    const { pid } = databaseProcess;
    await clients.pop()!.close();
    await opened.pop()!.stop();
    await jobs!.query('SELECT 1');
    await clients.pop()!.close();
    await opened.pop()!.stop();
    assert.throws(() => process.kill(pid!, 0), { code: 'ESRCH' });
  });
});
