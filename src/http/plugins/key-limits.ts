import rateLimit from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { Limits } from '../../access/limits.ts';
import type { QuotaOwner } from '../../access/panel-quotas.ts';
import type { RequestCounter } from '../../access/request-counter.ts';
import type { PanelQuota } from '../../embedding/panel-quota.ts';
import { PanelvecError } from '../../errors.ts';
import { onResponseClosed } from '../on-response-closed.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the key of the caller may still embed; undefined where nothing limits it */
    quota: PanelQuota | undefined;
  }
}

/** Holds each key to its limits before the body of a request is read. To be registered after the authentication and before routes. */
export const keyLimits = fp<{ limits: Limits }>(async (app, { limits }) => {
  app.decorateRequest('quota', undefined);

  app.addHook('onRequest', async (request, reply) => {
    const { caller } = request;
    const { keyId, name, limits: keyLimits } = caller;
    if (keyId === null) return;
    if (keyLimits.maxConcurrent !== null) onResponseClosed(reply, limits.concurrent.begin(keyId, keyLimits));
    if (keyLimits.panelsPerDay === null) return;
    const owner: QuotaOwner = { keyId, name, limits: keyLimits };
    request.quota = { take: (panels) => limits.panels.take(owner, panels) };
    if (request.routeOptions.config.access === 'embed') limits.panels.assertNotExhausted(owner);
  });

  // Its hooks belong to routes, so they run after the one above.
  await app.register(rateLimit, {
    store: createStore(limits.requests),
    keyGenerator: ({ caller }) => caller.keyId ?? '',
    allowList: ({ caller }) => caller.keyId === null || caller.limits.requestsPerMinute === null,
    max: ({ caller }) => caller.limits.requestsPerMinute ?? Number.POSITIVE_INFINITY,
    onExceeded: () => limits.observer.recordLimited('requests'),
    errorResponseBuilder: ({ caller }: FastifyRequest, { max }) =>
      new PanelvecError('rate_limited', `the key "${caller.name}" may send ${max} requests a minute`),
  });
});

/** The class that the plugin makes its store of. */
function createStore(counter: RequestCounter) {
  return class Store {
    incr(keyId: string, callback: (error: Error | null, result?: { current: number; ttl: number }) => void): void {
      counter.count(keyId).then(
        ({ requests, msLeft }) => callback(null, { current: requests, ttl: msLeft }),
        (error: Error) => callback(error),
      );
    }

    /** All routes share one count. */
    child(): Store {
      return this;
    }
  };
}
