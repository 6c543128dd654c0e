import assert from 'node:assert/strict';
import { subscribe } from 'node:diagnostics_channel';
import { describe, it } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { type Access, SCOPES, type Scope } from '../../src/access/scopes.ts';
import { useKeyedService } from '../support/keyed-service.ts';

/** Who may use each call. A call that is added needs a line here. */
const ACCESS_BY_ROUTE: Readonly<Record<string, Access>> = {
  'GET /': 'public',
  'GET /openapi.json': 'public',
  'GET /health': 'public',
  'GET /health/live': 'public',
  'GET /health/ready': 'public',
  'GET /v2/health/live': 'public',
  'GET /v2/health/ready': 'public',
  'GET /v1/access': 'optional',
  'GET /metrics': 'any',
  'GET /v1/status': 'any',
  'GET /v1/models': 'any',
  'GET /v1/models/:id': 'any',
  'GET /v1/models/:id/card': 'any',
  'GET /v1/aliases': 'any',
  'DELETE /v1/aliases/:alias': 'admin',
  'POST /v1/models/:id/activate': 'admin',
  'POST /v1/models/rollback': 'admin',
  'GET /v2': 'any',
  'GET /v2/models/:model': 'any',
  'GET /v2/models/:model/ready': 'any',
  'GET /v2/models/:model/versions/:version': 'any',
  'GET /v2/models/:model/versions/:version/ready': 'any',
  'POST /v1/embeddings': 'embed',
  'POST /v1/embeddings/image': 'embed',
  'POST /v1/embeddings/page': 'embed',
  'POST /v1/embeddings/panel': 'embed',
  'POST /v1/embeddings/text': 'embed',
  'POST /v1/zero-shot': 'embed',
  'POST /v2/models/:model/infer': 'embed',
  'POST /v2/models/:model/versions/:version/infer': 'embed',
  'POST /v1/search': 'search',
  'GET /v1/collections': 'search',
  'GET /v1/collections/:collection': 'search',
  'GET /v1/collections/:collection/facets': 'search',
  'GET /v1/collections/:collection/map': 'search',
  'GET /v1/collections/:collection/map/points': 'search',
  'GET /v1/collections/:collection/panels': 'search',
  'GET /v1/collections/:collection/panels/:id': 'search',
  'GET /v1/collections/:collection/panels/:id/image': 'search',
  'GET /v1/collections/:collection/panels/:id/page': 'search',
  'DELETE /v1/collections/:collection': 'jobs',
  'POST /v1/jobs': 'jobs',
  'DELETE /v1/models/:id': 'admin',
  'GET /v1/audit': 'admin',
  'GET /v1/jobs': 'jobs',
  'GET /v1/jobs/:id': 'jobs',
  'POST /v1/jobs/:id/cancel': 'jobs',
  'GET /v1/jobs/:id/artifacts': 'jobs',
  'GET /v1/jobs/:id/artifacts/*': 'jobs',
  'GET /v1/jobs/:id/events': 'jobs',
  'GET /v1/jobs/:id/history': 'jobs',
};

const SCOPES_BY_ACCESS: Readonly<Record<Access, readonly Scope[]>> = {
  public: SCOPES,
  optional: SCOPES,
  any: SCOPES,
  embed: ['embed', 'admin'],
  search: ['search', 'admin'],
  jobs: ['jobs', 'admin'],
  admin: ['admin'],
};

const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
/** Files of the page and of the documentation, which others register */
const FILES = /^GET \/(assets|docs)(\/|$)/;

const routes: string[] = [];
subscribe('fastify.initialization', (message) => {
  const { fastify } = message as { fastify: FastifyInstance };
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const name of [method].flat()) if (name !== 'HEAD') routes.push(`${name} ${url}`);
  });
});

describe('a service with keys', () => {
  const service = useKeyedService();

  it('says for each of its calls who may use it', () => {
    const calls = new Set(routes.filter((route) => !FILES.test(route)));
    assert.deepEqual([...calls].sort(), Object.keys(ACCESS_BY_ROUTE).sort());
  });

  it('lets everybody load the documentation', async () => {
    const files = routes.filter((route) => FILES.test(route));
    assert.ok(files.some((route) => route.startsWith('GET /docs')));
    for (const route of files) {
      const { status } = await fetch(`${service.address}${route.slice('GET '.length).replace('*', 'unknown')}`);
      assert.notEqual(status, 401, route);
    }
  });

  for (const [route, access] of Object.entries(ACCESS_BY_ROUTE)) {
    it(`lets ${access === 'optional' ? 'everybody' : access} call ${route}`, async () => {
      const isOpen = access === 'public' || access === 'optional';
      assert.equal((await errorCodeOf(route, undefined)) === 'key_missing', !isOpen, 'without a key');
      const head = route.replace(/^GET/, 'HEAD');
      if (head !== route) assert.equal((await send(head, undefined)).statusCode === 401, !isOpen, 'HEAD without a key');
      const wrongKey = `pv_aaaaaaaaaaaa_${'a'.repeat(43)}`;
      assert.equal((await errorCodeOf(route, wrongKey)) === 'key_invalid', access !== 'public', 'with a wrong key');
      for (const scope of SCOPES) {
        const code = await errorCodeOf(route, service.keyOf[scope]);
        const isRefused = code === 'scope_missing' || code === 'key_invalid' || code === 'key_missing';
        assert.equal(isRefused, !SCOPES_BY_ACCESS[access].includes(scope), `with the scope ${scope}: ${code}`);
      }
    });
  }

  /** Sends a request that asks for nothing that exists. */
  function send(route: string, key: string | undefined) {
    const [method = '', url = ''] = route.split(' ');
    const path = url.replace(':id', UNKNOWN_ID).replaceAll(/:\w+/g, 'unknown').replace('*', 'unknown');
    // Each request comes from an address of its own: wrong keys of one are slowed.
    return service.app.inject({
      method: method as 'GET' | 'HEAD',
      url: path,
      remoteAddress: `127.0.${Math.floor(Math.random() * 256)}.${Math.floor(Math.random() * 256)}`,
      headers: { accept: 'application/json', ...(key !== undefined && { authorization: `Bearer ${key}` }) },
    });
  }

  /** Resolves with the code of the error of a request, or undefined. */
  async function errorCodeOf(route: string, key: string | undefined): Promise<string | undefined> {
    const response = await send(route, key);
    if (response.statusCode < 400) return undefined;
    try {
      // Calls below /v2 have errors of another form.
      const body = response.json() as { code?: string; error: { code?: string } };
      return body.code ?? body.error.code;
    } catch {
      return undefined;
    }
  }
});
