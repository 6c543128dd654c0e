import type { PGlite } from '@electric-sql/pglite';

/** Messages of the extended protocol behind which the same client's Sync must come: Parse, Bind, Describe, Execute, Close, Flush. */
const UNFINISHED_TYPES = new Set([...'PBDECH'].map((type) => type.charCodeAt(0)));

/**
 * The database as pglite-socket may serve it to several clients. The socket server passes message after message to the one
 * session that there is, and keeps to a client only within a transaction; but the messages of one query belong together
 * too, or the clients' unnamed statements meet, and an error makes the session skip what others have sent.
 * @param onFailure after a failure that the server's queue does not survive
 */
export function serializeClients(db: PGlite, onFailure: (error: unknown) => void): PGlite {
  let isUnfinished = false;
  const overrides: Partial<PGlite> = {
    isInTransaction: () => isUnfinished || db.isInTransaction(),
    async execProtocolRawStream(message, options) {
      try {
        await db.execProtocolRawStream(message, options);
        isUnfinished = UNFINISHED_TYPES.has(message[0]!);
      } catch (error) {
        onFailure(error);
        throw error;
      }
    },
    // What the server does when a client goes away in the middle.
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
