import { rm, stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { PanelvecError } from '../../errors.ts';
import { socketFile } from '../address.ts';

/** The one before may be writing its last pages. */
const PATIENCE_MS = 10_000;
const CHECK_MS = 50;

/** Linux has sockets that are no files: they end with their owner, and none is ever stale. */
const HAS_ABSTRACT_SOCKETS = process.platform === 'linux';
/** In this time, whoever thought the socket stale has removed it. */
const RACE_MS = 200;

/**
 * Keeps a home's database for this process: two would destroy it. A socket is the claim, because the kernel takes it back
 * however its owner ends, and no number of a process can be mistaken for another's.
 * @throws PanelvecError config_invalid where another process keeps it
 */
export async function claimHome(home: string): Promise<Server> {
  const name = `${socketFile(home)}.claim`;
  const file = HAS_ABSTRACT_SOCKETS ? `\0${name}` : name;
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const server = await listen(file);
    if (server !== undefined) {
      if (!HAS_ABSTRACT_SOCKETS && !(await isStillThere(name))) {
        server.close();
        continue;
      }
      await rm(socketFile(home), { force: true });
      return server;
    }
    if (!HAS_ABSTRACT_SOCKETS && !(await answers(file))) await rm(file, { force: true });
    else if (performance.now() > deadline) {
      const message = `PANELVEC_HOME: another service has the database of ${home}: give this one DATABASE_URL or another home`;
      throw new PanelvecError('config_invalid', message);
    } else await delay(CHECK_MS);
  }
}

/** Two that find a stale socket may both remove it, the second one that of the first: who has lost its file gives way. */
async function isStillThere(file: string): Promise<boolean> {
  const before = await stat(file).catch(() => undefined);
  await delay(RACE_MS);
  const after = await stat(file).catch(() => undefined);
  return before !== undefined && before.ino === after?.ino;
}

function listen(file: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(file, () => resolve(server));
  });
}

function answers(file: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(file);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
