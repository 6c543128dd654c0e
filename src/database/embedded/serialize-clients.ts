import type { PGlite } from '@electric-sql/pglite';

/** Messages of the extended protocol that the same client's Sync must follow: Parse, Bind, Describe, Execute, Close, Flush. */
const UNFINISHED_TYPES = new Set([...'PBDECH'].map((type) => type.charCodeAt(0)));

/**
 * Wraps the database so that pglite-socket can serve several clients. The socket server passes messages to the only session
 * one by one, and stays with a client only within a transaction. But the messages of one query belong together too:
 * otherwise the unnamed statements of clients get mixed up, and after an error the session skips messages of other clients.
 * @param onFailure called after a failure that the queue of the server does not survive
 */
export function serializeClients(db: PGlite, onFailure: (error: unknown) => void): PGlite {
  let isUnfinished = false;
  const overrides: Partial<PGlite> = {
    isInTransaction: () => isUnfinished || db.isInTransaction(),
    async execProtocolRawStream(message, options) {
      try {
        await db.execProtocolRawStream(message, options);
        isUnfinished = UNFINISHED_TYPES.has(message[0] ?? 0);
      } catch (error) {
        onFailure(error);
        throw error;
      }
    },
    // The server calls this when a client disconnects in the middle of a query.
    async exec(query, options) {
      isUnfinished = false;
      return db.exec(query, options);
    },
  };
  return new Proxy(db, {
    get(target, key) {
      const override = overrides[key as keyof PGlite];
      const value = override ?? Reflect.get(target, key, target);
      return typeof value === 'function' && !override ? value.bind(target) : value;
    },
  });
}
