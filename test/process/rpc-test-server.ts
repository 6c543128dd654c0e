/** A server for the tests, as a child process or as a worker thread. */
import { isMainThread } from 'node:worker_threads';
import { PanelvecError } from '../../src/errors.ts';
import { parentEndpoint, parentPortEndpoint } from '../../src/process/endpoint.ts';
import { serveRpc } from '../../src/process/rpc.ts';
import type { TestMethods } from './rpc-test-methods.ts';

const held = new Map<string, PromiseWithResolvers<string>>();
const cancelled: string[] = [];

serveRpc<TestMethods>(isMainThread ? parentEndpoint() : parentPortEndpoint(), {
  echo: (params) => params,
  hold: (name) => {
    const resolvers = Promise.withResolvers<string>();
    held.set(name, resolvers);
    return resolvers.promise;
  },
  release: (name) => held.get(name)?.resolve(name),
  count: (n, { emit }) => {
    for (let i = 1; i <= n; i++) emit(i);
    return n;
  },
  waitForCancel: ({ name, outcome }, { signal }) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => {
        cancelled.push(name);
        if (outcome === 'resolve') resolve(name);
        else reject(new Error(name));
      });
    }),
  listCancelled: () => cancelled,
  fail: (kind) => {
    if (kind === 'not cloneable') return () => {};
    if (kind === 'other') throw new TypeError('no such thing\nand a second line');
    throw new PanelvecError('text_too_long', 'too long', { param: 'input[3]', retryAfterSeconds: 7 });
  },
  crash: () => process.exit(9),
});
