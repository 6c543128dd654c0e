import type { PGlite } from '@electric-sql/pglite';

/** Messages of the extended protocol behind which the same client's Sync must come: Parse, Bind, Describe, Execute, Close, Flush. */
const UNFINISHED = new Set([...'PBDECH'].map((type) => type.charCodeAt(0)));

/**
 * The database as pglite-socket may serve it to several clients. The socket server passes message after message to the one
 * session that there is, and keeps to a client only within a transaction; but the messages of one query belong together
 * too, or the clients' unnamed statements meet, and an error makes the session skip what others have sent.
 * @param onBroken after a failure that the server's queue does not survive
 */
export function oneClientAtATime(db: PGlite, onBroken: (error: unknown) => void): PGlite {
  let unfinished = false;
  const serve: Partial<PGlite> = {
    isInTransaction: () => unfinished || db.isInTransaction(),
    async execProtocolRawStream(message, options) {
      try {
        await db.execProtocolRawStream(message, options);
        unfinished = UNFINISHED.has(message[0]!);
      } catch (error) {
        onBroken(error);
        throw error;
      }
    },
    // What the server does when a client goes away in the middle.
    async exec(query, options) {
      unfinished = false;
      return db.exec(query, options);
    },
  };
  return new Proxy(db, {
    get(target, key) {
      const own = serve[key as keyof PGlite];
      const value = own ?? Reflect.get(target, key, target);
      return typeof value === 'function' && !own ? value.bind(target) : value;
    },
  });
}
