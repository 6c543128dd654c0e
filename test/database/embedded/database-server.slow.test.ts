import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import pg from 'pg';
import { Database, type DatabaseSettings, isTransientError } from '../../../src/database/database.ts';
import { embeddedAddress } from '../../../src/database/database-address.ts';
import { EmbeddedDatabase } from '../../../src/database/embedded/embedded-database.ts';
import { readLoopbackAddress, TLS_WITH_SECRET, writeLoopbackAddress } from '../../../src/database/loopback-address.ts';
import { makeRuntimeFolder, runtimeFolder } from '../../../src/database/runtime-folder.ts';
import { silentLogger } from '../../support/in-process-service.ts';

/** The messages of a client that does not ask for TLS: a startup, then an INSERT. */
const UNASKED_INSERT = Buffer.concat([startupMessage(), queryMessage('INSERT INTO notes VALUES (2)')]);

describe('an embedded database on a loopback port', () => {
  let settings: DatabaseSettings;
  let embedded: EmbeddedDatabase;
  let client: Database;
  before(async () => {
    settings = { url: undefined, home: await mkdtemp(path.join(tmpdir(), 'panelvec-home-')), localSockets: 'tcp' };
    embedded = await EmbeddedDatabase.start(settings, silentLogger);
    client = new Database(settings, silentLogger);
    await client.migrate(20_000);
    await client.query('CREATE TABLE notes (number integer)');
    await client.query('INSERT INTO notes VALUES (1)');
  });
  after(async () => {
    await client.close();
    await embedded.stop();
    await rm(settings.home, { recursive: true, force: true });
  });

  it('closes a connection that does not know the secret, and runs nothing of it', async () => {
    const { port } = readLoopbackAddress(settings.home);
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    socket.end(UNASKED_INSERT);
    const answer: Buffer[] = [];
    socket.on('data', (bytes) => void answer.push(bytes));
    await once(socket, 'close');
    // TLS may answer with an alert (type 21), PostgreSQL with nothing.
    assert.ok(answer.length === 0 || answer[0]![0] === 21, 'the answer is not one of the database');
    assert.deepEqual(await numbers(client), [1]);
  });

  for (const { name, options } of [
    { name: 'another secret', options: withSecret(randomBytes(32)) },
    { name: 'an empty secret', options: withSecret(Buffer.alloc(0)) },
    { name: 'TLS without a secret', options: { ssl: { rejectUnauthorized: false } } },
    { name: 'no TLS', options: { ssl: false } },
  ] satisfies { name: string; options: pg.ClientConfig }[]) {
    it(`refuses a client with ${name}`, async () => {
      const { port } = readLoopbackAddress(settings.home);
      for (const sslnegotiation of ['direct', 'postgres'] as const) {
        if (options.ssl === false && sslnegotiation === 'direct') continue;
        const names = { user: 'postgres', database: 'postgres', host: '127.0.0.1', port };
        const intruder = new pg.Client({ ...names, ...options, sslnegotiation, connectionTimeoutMillis: 10_000 });
        intruder.on('error', () => {});
        await assert.rejects(intruder.connect());
      }
      assert.deepEqual(await numbers(client), [1]);
    });
  }

  it('keeps the secret in a file that only its user can read, and nowhere else', async (test) => {
    const file = path.join(runtimeFolder(settings.home), 'address.json');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    if (process.platform !== 'linux') return test.skip('there is no /proc');
    const { secret } = readLoopbackAddress(settings.home);
    for (const pid of [embedded.pid!, process.pid]) {
      for (const name of ['cmdline', 'environ']) {
        const text = await readFile(`/proc/${pid}/${name}`);
        for (const encoding of ['base64', 'hex', 'latin1'] as const) {
          assert.equal(text.includes(secret.toString(encoding)), false, `${name} of ${pid}`);
        }
      }
    }
  });

  it('has another port and another secret after each start', async () => {
    const previous = readLoopbackAddress(settings.home);
    await embedded.stop();
    await assert.rejects(numbers(client), (error) => isTransientError(error));
    embedded = await EmbeddedDatabase.start(settings, silentLogger);
    const { secret } = readLoopbackAddress(settings.home);
    assert.notDeepEqual(secret, previous.secret);
    assert.deepEqual(await numbers(client), [1]);
  });
});

describe('a client of an embedded database whose port belongs to another process', () => {
  const servers: [string, () => Server][] = [
    ['speaks no TLS', () => createServer((socket) => void socket.on('error', () => {}).end('HTTP/1.1 400 \r\n\r\n'))],
    ['closes the connection', () => createServer((socket) => void socket.destroy())],
    [
      'does not know the secret',
      () => createTlsServer({ ...TLS_WITH_SECRET, pskCallback: () => randomBytes(32) }).on('tlsClientError', () => {}),
    ],
  ];
  for (const [name, makeServer] of servers) {
    it(`does not trust it and can try again, where that ${name}`, async () => {
      const home = await mkdtemp(path.join(tmpdir(), 'panelvec-home-'));
      const server = makeServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      await makeRuntimeFolder(home);
      await writeLoopbackAddress(home, { port, secret: randomBytes(32) });
      const client = new Database({ url: undefined, home, localSockets: 'tcp' }, silentLogger);
      try {
        await assert.rejects(client.query('SELECT 1'), (error) => isTransientError(error));
      } finally {
        await client.close();
        server.close();
        await rm(runtimeFolder(home), { recursive: true });
        await rm(home, { recursive: true });
      }
    });
  }
});

function withSecret(psk: Buffer): pg.ClientConfig {
  const address = embeddedAddress('unused', 'tcp');
  return { ssl: { ...(address.ssl as object), pskCallback: () => ({ psk, identity: 'panelvec' }) } };
}

async function numbers(client: Database): Promise<number[]> {
  const { rows } = await client.query<{ number: number }>('SELECT number FROM notes');
  return rows.map(({ number }) => number);
}

function startupMessage(): Buffer {
  const parameters = Buffer.from('user\0postgres\0database\0postgres\0\0');
  const header = Buffer.alloc(8);
  header.writeInt32BE(header.length + parameters.length);
  header.writeInt32BE(0x0003_0000, 4);
  return Buffer.concat([header, parameters]);
}

function queryMessage(sql: string): Buffer {
  const text = Buffer.from(`${sql}\0`);
  const header = Buffer.from('Q\0\0\0\0');
  header.writeInt32BE(4 + text.length, 1);
  return Buffer.concat([header, text]);
}
