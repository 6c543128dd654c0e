import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { pino } from 'pino';
import { Audit, type AuditEvent, SERVICE, toAuditLine } from '../../src/access/audit.ts';
import { AUDIT_MIGRATIONS, insertAuditLine } from '../../src/access/audit-records.ts';
import { ANONYMOUS } from '../../src/access/scopes.ts';
import { ServiceDatabase } from '../../src/database/service-database.ts';
import { startDatabaseProxy } from '../support/database-proxy.ts';
import { localSockets, startPostgres, type TestDatabase } from '../support/databases.ts';
import { createTestConfig, silentLogger } from '../support/in-process-service.ts';
import { waitFor } from '../support/wait-for.ts';

const submitted = (subject: string): AuditEvent => ({
  caller: { keyId: 'abc', name: 'ci' },
  action: 'job.submit',
  subject,
  detail: { type: 'embed' },
  requestId: 'r-1',
});

describe('the audit', () => {
  let server: TestDatabase;
  let database: ServiceDatabase;
  let audit: Audit;
  const openDatabase = async (url: string | undefined) => {
    const settings = { ...createTestConfig({ DATABASE_URL: url ?? '' }), localSockets };
    const opened = new ServiceDatabase(settings, [AUDIT_MIGRATIONS], silentLogger);
    await opened.start();
    return opened;
  };
  const subjects = async (filter: Partial<Parameters<Audit['list']>[0]> = {}) =>
    (await audit.list({ limit: 100, ...filter })).lines.map(({ subject }) => subject);

  before(async () => {
    server = await startPostgres();
    database = await openDatabase(server.url);
    audit = new Audit(database, silentLogger);
  });
  after(async () => {
    await audit.stop();
    await database.stop();
    await server.stop();
  });

  it('lists lines newest first, page by page, by action and by subject', async () => {
    for (const name of ['one', 'two', 'three']) audit.record(submitted(name));
    audit.record({ caller: ANONYMOUS, action: 'collection.delete', subject: 'comics' });
    await waitFor('the lines', async () => (await subjects()).length === 4);
    const page = await audit.list({ limit: 3 });
    assert.equal(page.more, true);
    assert.deepEqual(
      page.lines.map(({ subject }) => subject),
      ['comics', 'three', 'two'],
    );
    assert.deepEqual(await subjects({ after: page.lines.at(-1)?.id }), ['one']);
    assert.deepEqual(await subjects({ action: 'collection.delete' }), ['comics']);
    assert.deepEqual(await subjects({ subject: 'two' }), ['two']);
    const [line] = (await audit.list({ limit: 1, subject: 'one' })).lines;
    const { id: _, created_at: createdAt, ...fields } = line ?? assert.fail('no line');
    assert.ok(Math.abs(createdAt.getTime() - Date.now()) < 60_000);
    assert.deepEqual(fields, {
      key_id: 'abc',
      caller: 'ci',
      action: 'job.submit',
      subject: 'one',
      detail: { type: 'embed' },
      request_id: 'r-1',
    });
  });

  it('writes a line once, even if it is sent again', async () => {
    const line = toAuditLine(submitted('sent twice'));
    await insertAuditLine(database.database, line);
    await insertAuditLine(database.database, line);
    assert.deepEqual(await subjects({ subject: 'sent twice' }), ['sent twice']);
  });

  it('goes on after a line that the database refuses', async () => {
    audit.record(submitted('with \u0000'));
    audit.record(submitted('after it'));
    await waitFor('the line after it', async () => (await subjects({ subject: 'after it' })).length === 1);
  });

  it('keeps lines while the database is away, and writes them in order when it is back', async (t) => {
    const proxy = await startDatabaseProxy(server.url ?? assert.fail());
    const behindProxy = await openDatabase(proxy.url);
    t.after(async () => {
      await behindProxy.stop();
      await proxy.stop();
    });
    const logged: string[] = [];
    const log = pino({}, { write: (text: string) => void logged.push(text) });
    const interrupted = new Audit(behindProxy, log);
    proxy.cut();
    const event = { caller: SERVICE, action: 'model.canary_end' } as const;
    for (const number of [1, 2, 3]) interrupted.record({ ...event, subject: `canary ${number}` });
    // The log has them at once.
    assert.equal(logged.filter((text) => JSON.parse(text).audit === true).length, 3);
    await waitFor('a failed attempt', () => logged.some((text) => text.includes('audit lines wait')));
    assert.deepEqual(await subjects({ action: 'model.canary_end' }), []);
    proxy.restore();
    await waitFor('the lines', async () => (await subjects({ action: 'model.canary_end' })).length === 3);
    assert.deepEqual(await subjects({ action: 'model.canary_end' }), ['canary 3', 'canary 2', 'canary 1']);

    proxy.cut();
    interrupted.record({ ...event, subject: 'canary 4' });
    proxy.restore();
    await interrupted.stop();
    assert.equal((await subjects({ action: 'model.canary_end' }))[0], 'canary 4');
  });

  it('only logs where the service has no database', async () => {
    const logged: string[] = [];
    const off = new ServiceDatabase(createTestConfig(), [], silentLogger);
    const logOnly = new Audit(off, pino({}, { write: (text: string) => void logged.push(text) }));
    logOnly.record(submitted('logged'));
    await logOnly.stop();
    assert.deepEqual(
      logged.map((text) => JSON.parse(text).msg),
      ['ci: job.submit logged'],
    );
    await assert.rejects(logOnly.list({ limit: 1 }), { code: 'database_off' });
    await off.stop();
  });
});
