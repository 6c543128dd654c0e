import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ACCESS_MIGRATIONS } from '../../src/access/access-migrations.ts';
import { ApiKeys } from '../../src/access/api-keys.ts';
import { createKey, listKeys, revokeKey } from '../../src/access/key-records.ts';
import { ServiceDatabase } from '../../src/database/service-database.ts';
import { startPostgres, type TestDatabase } from '../support/databases.ts';
import { createTestConfig, silentLogger } from '../support/in-process-service.ts';
import { waitFor } from '../support/wait-for.ts';

const LOOPBACK = { host: '127.0.0.1', allowAnonymous: '0' } as const;
const OPEN_HOST = { host: '0.0.0.0', allowAnonymous: '0' } as const;

describe('the keys of a service', () => {
  let server: TestDatabase;
  let isStopped = false;
  let database: ServiceDatabase;
  before(async () => {
    server = await startPostgres();
    database = new ServiceDatabase(createTestConfig({ DATABASE_URL: server.url }), [ACCESS_MIGRATIONS], silentLogger);
    await database.start();
  });
  after(async () => {
    await database.stop();
    if (!isStopped) await server.stop();
  });

  const create = (fields: { name?: string; expiresAt?: Date } = {}) =>
    database.use((queries) => createKey(queries, { name: 'test', scopes: ['embed'], expiresAt: null, ...fields }));
  const revoke = (id: string) => database.use((queries) => revokeKey(queries, id));
  const waitUntilRefused = (keys: ApiKeys, key: string) =>
    waitFor('the key to be refused', () =>
      keys.authenticate(key).then(
        () => undefined,
        (error: Error) => error,
      ),
    );

  it('let a service listen for other machines only if there is one, or if everybody may do everything', async () => {
    const refused = new ApiKeys(OPEN_HOST, database, silentLogger);
    const message = /^HOST=0\.0\.0\.0 is no loopback address.*panelvec keys create.*PANELVEC_ALLOW_ANONYMOUS=1/;
    await assert.rejects(refused.start(), { code: 'config_invalid', message });
    await refused.stop();

    const open = new ApiKeys({ ...OPEN_HOST, allowAnonymous: '1' }, database, silentLogger);
    await open.start();
    assert.equal(open.isAnonymousAllowed, true);
    await open.stop();
  });

  it('close a service on a loopback address that was open without them, and leave it closed when they are revoked', async () => {
    const keys = new ApiKeys(LOOPBACK, database, silentLogger);
    await keys.start();
    assert.equal(keys.isAnonymousAllowed, true);
    const { id, key } = await create();
    assert.equal((await keys.authenticate(key)).keyId, id);
    await waitFor('keys to be needed', () => !keys.isAnonymousAllowed);
    await revoke(id);
    assert.match(String(await waitUntilRefused(keys, key)), /the key "test" was revoked/);
    assert.equal(keys.isAnonymousAllowed, false);
    await keys.stop();

    const restarted = new ApiKeys(LOOPBACK, database, silentLogger);
    await restarted.start();
    assert.equal(restarted.isAnonymousAllowed, false);
    await restarted.stop();
    const onNetwork = new ApiKeys(OPEN_HOST, database, silentLogger);
    await onNetwork.start();
    assert.equal(onNetwork.isAnonymousAllowed, false);
    await onNetwork.stop();
  });

  it('expire', async (context) => {
    const keys = new ApiKeys(LOOPBACK, database, silentLogger);
    await keys.start();
    const expiresAt = new Date(Date.now() + 3_600_000);
    const { key } = await create({ name: 'short', expiresAt });
    assert.equal((await keys.authenticate(key)).name, 'short');
    context.mock.timers.enable({ apis: ['Date'], now: expiresAt });
    const message = `the key "short" expired at ${expiresAt.toISOString()}`;
    await assert.rejects(keys.authenticate(key), { code: 'key_invalid', message });
    await keys.stop();
  });

  it('of one name are taken side by side, until one is revoked', async () => {
    const keys = new ApiKeys(LOOPBACK, database, silentLogger);
    await keys.start();
    const [old, fresh] = [await create({ name: 'shop' }), await create({ name: 'shop' })];
    for (const { key } of [old, fresh]) assert.equal((await keys.authenticate(key)).name, 'shop');
    await revoke(old.id);
    await waitUntilRefused(keys, old.key);
    assert.equal((await keys.authenticate(fresh.key)).keyId, fresh.id);
    await keys.stop();
  });

  it('have the time of their last use, which is written once a minute', async () => {
    const keys = new ApiKeys(LOOPBACK, database, silentLogger);
    await keys.start();
    const { id, key } = await create();
    const readLastUse = async () => (await database.use(listKeys)).find((record) => record.id === id)?.lastUsedAt;
    assert.equal(await readLastUse(), null);
    await keys.authenticate(key);
    const usedAt = await waitFor('the last use', readLastUse);
    await keys.authenticate(key);
    await keys.stop();
    assert.deepEqual(await readLastUse(), usedAt);
  });

  it('are in the database without anything that they could be made from', async () => {
    const { key } = await create();
    const { rows } = await database.use((queries) =>
      queries.query('SELECT api_keys::text AS row FROM panelvec.api_keys'),
    );
    const secret = key.slice('pv_'.length + 13);
    assert.ok(rows.length > 0);
    for (const { row } of rows) assert.ok(!row.includes(secret) && row.includes('scrypt$'), row);
  });

  it('stay in force while the database is away', async () => {
    const keys = new ApiKeys(LOOPBACK, database, silentLogger);
    await keys.start();
    const [known, unseen, revoked] = [await create(), await create(), await create()];
    await revoke(revoked.id);
    await keys.authenticate(known.key);
    await waitUntilRefused(keys, revoked.key);
    await server.stop();
    isStopped = true;
    await assert.rejects(database.use(listKeys), { code: 'database_unavailable' });
    assert.equal((await keys.authenticate(known.key)).keyId, known.id);
    // Its first use: the hash is known, so the database is not needed.
    assert.equal((await keys.authenticate(unseen.key)).keyId, unseen.id);
    await assert.rejects(keys.authenticate(revoked.key), { code: 'key_invalid' });
    await assert.rejects(keys.authenticate(`pv_aaaaaaaaaaaa_${'a'.repeat(43)}`), { code: 'key_invalid' });
    assert.equal(keys.isAnonymousAllowed, false);
    await keys.stop();
  });
});

describe('a service without a database', () => {
  it('needs PANELVEC_ALLOW_ANONYMOUS=1 to listen for other machines', async () => {
    const database = new ServiceDatabase(createTestConfig(), [], silentLogger);
    const message = /DATABASE_URL, or PANELVEC_JOBS=on.*PANELVEC_ALLOW_ANONYMOUS=1/;
    await assert.rejects(new ApiKeys(OPEN_HOST, database, silentLogger).start(), { code: 'config_invalid', message });
    const local = new ApiKeys(LOOPBACK, database, silentLogger);
    await local.start();
    assert.equal(local.isAnonymousAllowed, true);
    await assert.rejects(local.authenticate(`pv_aaaaaaaaaaaa_${'a'.repeat(43)}`), { code: 'key_invalid' });
    await local.stop();
    await database.stop();
  });
});
