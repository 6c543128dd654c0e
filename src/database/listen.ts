import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';

const CONNECT_TIMEOUT_MS = 5000;
const RETRY_DELAY_MS = 1000;
/** A server that is gone without a word is noticed by the next of these. */
const CHECK_INTERVAL_MS = 10_000;

/** Listens to a channel on a connection of its own, which it opens again when it breaks. Never rejects. */
export async function listen(
  connectionString: string,
  channel: string,
  onNotify: () => void,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await listenOnce(connectionString, channel, onNotify, signal);
    } catch (err) {
      if (!signal.aborted) log.debug({ err, channel }, 'the connection that listens to the database broke');
    }
    await delay(RETRY_DELAY_MS, undefined, { signal }).catch(() => {});
  }
}

/** Resolves when the signal is aborted. @throws where the connection breaks */
async function listenOnce(
  connectionString: string,
  channel: string,
  onNotify: () => void,
  signal: AbortSignal,
): Promise<void> {
  const client = new pg.Client({
    connectionString,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CHECK_INTERVAL_MS,
  });
  const broken = new Promise<never>((_, reject) => {
    client.on('error', reject);
    client.on('end', () => reject(new Error('the connection ended')));
  });
  // Nobody may be waiting for it yet.
  broken.catch(() => {});
  try {
    await client.connect();
    client.on('notification', onNotify);
    await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
    onNotify();
    while (!signal.aborted) {
      await Promise.race([broken, delay(CHECK_INTERVAL_MS, undefined, { signal }).catch(() => {})]);
      if (!signal.aborted) await client.query('SELECT 1');
    }
  } finally {
    await client.end().catch(() => {});
  }
}
