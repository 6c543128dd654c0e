import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { firstLine, PanelvecError } from '../../errors.ts';
import type { LocalSockets } from '../database-address.ts';
import { ALPN_PROTOCOL, LOOPBACK_HOST, TLS_WITH_SECRET, writeLoopbackAddress } from '../loopback-address.ts';
import { makeRuntimeFolder, removeRuntimeFolder, socketFile } from '../runtime-folder.ts';

const MAX_CONNECTIONS = 100;
/** A client that stopped inside a transaction would block all others. Clients that are alive close idle connections sooner. */
const IDLE_CLIENT_TIMEOUT_MS = 30_000;
/** Shorter than the grace time of a stop, which waits for connections. */
const HANDSHAKE_TIMEOUT_MS = 5000;
const SECRET_BYTES = 32;

/**
 * Lets clients connect to the database of a home, which must be locked.
 * @returns what ends it
 */
export async function serveDatabase(
  db: PGlite,
  home: string,
  localSockets: LocalSockets,
): Promise<() => Promise<void>> {
  await makeRuntimeFolder(home);
  const options = { db, maxConnections: MAX_CONNECTIONS, idleTimeout: IDLE_CLIENT_TIMEOUT_MS };
  const server =
    localSockets === 'unix' ? await listenOnUnixSocket(options, home) : await listenOnLoopback(options, home);
  return async () => {
    await server.stop();
    await removeRuntimeFolder(home);
  };
}

type ServerOptions = ConstructorParameters<typeof PGLiteSocketServer>[0];

async function listenOnUnixSocket(options: ServerOptions, home: string): Promise<PGLiteSocketServer> {
  const file = socketFile(home);
  await rm(file, { force: true });
  const server = new PGLiteSocketServer({ ...options, path: file });
  await server.start().catch((cause: unknown) => {
    const remedy =
      'set TMPDIR to a folder with a shorter path (about a hundred characters fit), or PANELVEC_LOCAL_SOCKETS=tcp';
    throw new PanelvecError('config_invalid', `${firstLine(cause)}: ${remedy}`, { cause });
  });
  return server;
}

async function listenOnLoopback(options: ServerOptions, home: string): Promise<PGLiteSocketServer> {
  const secret = randomBytes(SECRET_BYTES);
  const server = new PGLiteSocketServer({ ...options, host: LOOPBACK_HOST, port: 0 });
  requireSecret(server, secret);
  await server.start();
  const port = Number(server.getServerConn().split(':').at(-1));
  await writeLoopbackAddress(home, { port, secret });
  return server;
}

/** Puts TLS before the server: not a byte of a client that does not know the secret reaches it. */
function requireSecret(server: PGLiteSocketServer, secret: Buffer): void {
  // The socket server has no public way to take a connection that is already open.
  const serveConnection = server['handleConnection'].bind(server);
  const tlsServer = createServer(
    {
      ...TLS_WITH_SECRET,
      ALPNProtocols: [ALPN_PROTOCOL],
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      pskCallback: () => secret,
    },
    (socket) => void serveConnection(socket),
  );
  tlsServer.on('tlsClientError', (_error, socket) => socket.destroy());
  server['handleConnection'] = async (socket: Socket) => {
    tlsServer.emit('connection', socket);
  };
}
