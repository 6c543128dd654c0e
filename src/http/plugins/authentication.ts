import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { type ApiKeys, RetiredKeyError } from '../../access/api-keys.ts';
import { FailedKeys } from '../../access/failed-keys.ts';
import { isKeyOfPanelvec } from '../../access/key-text.ts';
import { type Access, ANONYMOUS, type Caller, isAllowed, UNIDENTIFIED } from '../../access/scopes.ts';
import { PanelvecError } from '../../errors.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may use a route. One that does not say it needs the scope `admin`. */
    access?: Access;
  }
  interface FastifyRequest {
    /** Set before the handler of a route runs; a request that was refused earlier has none */
    caller: Caller;
  }
}

/** Finds out who sends a request, and whether they may, before its body is read. Public routes look at no key. */
export const authentication = fp<{ keys: ApiKeys }>(async (app, { keys }) => {
  const failedKeys = new FailedKeys();
  app.decorateRequest('caller');

  app.addHook('onRequest', async (request) => {
    const { access = 'admin' } = request.routeOptions.config;
    request.caller = access === 'public' ? UNIDENTIFIED : await findCaller(request, access, keys, failedKeys);
    if (isAllowed(request.caller.scopes, access)) return;
    throw new PanelvecError('scope_missing', `the key "${request.caller.name}" lacks the scope ${access}`);
  });
});

/** @throws PanelvecError key_missing, key_invalid, and rate_limited for an address that has sent too many wrong keys */
async function findCaller(
  request: FastifyRequest,
  access: Access,
  keys: ApiKeys,
  failedKeys: FailedKeys,
): Promise<Caller> {
  try {
    const key = readKey(request, keys.isAnonymousAllowed);
    if (key !== undefined) return await keys.authenticate(key);
  } catch (error) {
    const isGuess =
      error instanceof PanelvecError && error.code === 'key_invalid' && !(error instanceof RetiredKeyError);
    const retryAfterSeconds = isGuess ? failedKeys.record(request.ip) : 0;
    if (retryAfterSeconds === 0) throw error;
    const message = 'this address has sent too many keys that are not valid';
    throw new PanelvecError('rate_limited', message, { retryAfterSeconds, cause: error });
  }
  if (keys.isAnonymousAllowed) return ANONYMOUS;
  if (access === 'optional') return UNIDENTIFIED;
  throw new PanelvecError('key_missing', 'send a key: Authorization: Bearer <key>, or x-api-key: <key>');
}

/**
 * The key in the headers of a request. Where none is needed, only what means to be a key of panelvec counts: clients of OpenAI
 * cannot be told to send none.
 */
function readKey({ headers }: FastifyRequest, isAnonymousAllowed: boolean): string | undefined {
  const [, bearer] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
  const candidates = [bearer, headers['x-api-key'] || undefined].flat().filter((key) => key !== undefined);
  const [key, other] = new Set(candidates.filter((text) => !isAnonymousAllowed || isKeyOfPanelvec(text)));
  if (other !== undefined) throw new PanelvecError('key_invalid', 'Authorization and x-api-key have different keys');
  return key;
}
