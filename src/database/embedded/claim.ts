import { rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { PanelvecError } from '../../errors.ts';
import { socketFile } from '../address.ts';

/** The one before may be writing its last pages. */
const PATIENCE_MS = 10_000;
const CHECK_MS = 50;

/**
 * Keeps a home's database for this process: two would destroy it. A socket is the claim, because the kernel takes it back
 * however its owner ends, and no number of a process can be mistaken for another's.
 * @throws PanelvecError config_invalid where another process keeps it
 */
export async function claimHome(home: string): Promise<Server> {
  const file = `${socketFile(home)}.claim`;
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const server = await listen(file);
    if (server !== undefined) {
      await rm(socketFile(home), { force: true });
      return server;
    }
    if (!(await answers(file))) await rm(file, { force: true });
    else if (performance.now() > deadline) {
      const message = `PANELVEC_HOME: another service has the database of ${home}: give this one DATABASE_URL or another home`;
      throw new PanelvecError('config_invalid', message);
    } else await delay(CHECK_MS);
  }
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
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
  }).then((answer) => answer as boolean);
}
