import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { waitForExit } from '../../src/process/child-process.ts';
import { childEndpoint, type Endpoint, workerEndpoint } from '../../src/process/endpoint.ts';
import { RpcClient, serveRpc } from '../../src/process/rpc.ts';
import { waitFor } from '../support/wait-for.ts';
import type { TestMethods } from './rpc-test-methods.ts';

const file = (name: string) => path.join(import.meta.dirname, name);

interface Peer {
  readonly client: RpcClient<TestMethods>;
  kill(): unknown;
}

function connect(endpoint: Endpoint): RpcClient<TestMethods> {
  return new RpcClient(endpoint, (reason) => new Error(`the peer is gone: ${reason}`));
}

function startProcess(): Peer {
  const child = fork(file('rpc-test-server.ts'), {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return { client: connect(childEndpoint(child)), kill: () => child.kill('SIGKILL') };
}

function startThread(): Peer {
  const thread = new Worker(file('rpc-test-server.ts'));
  return { client: connect(workerEndpoint(thread)), kill: () => thread.terminate() };
}

for (const { name, start, killReason } of [
  { name: 'a child process', start: startProcess, killReason: 'SIGKILL' },
  { name: 'a worker thread', start: startThread, killReason: 'exit code 1' },
]) {
  describe(`requests to ${name}`, () => {
    let peer: Peer;
    before(() => {
      peer = start();
    });
    after(() => peer.kill());

    it('resolve with what the handler returns, with typed arrays as they are', async () => {
      const params = {
        pixels: Uint8Array.of(1, 2, 255),
        vector: Float32Array.of(0.5, -0),
        missing: undefined,
        big: 7n,
      };
      assert.deepEqual(await peer.client.request('echo', params), params);
      assert.equal(await peer.client.request('echo', undefined), undefined);
    });

    it('resolve in the order in which they are done, not in which they were sent', async () => {
      const order: string[] = [];
      const requests = ['first', 'second', 'third'].map((held) =>
        peer.client.request('hold', held).then((result) => order.push(`${held}: ${result}`)),
      );
      for (const released of ['third', 'first', 'second']) await peer.client.request('release', released);
      await Promise.all(requests);
      assert.deepEqual(order, ['third: third', 'first: first', 'second: second']);
    });

    it('get the events of their own handler, all before its result', async () => {
      const seen: number[][] = [[], []];
      const results = await Promise.all(
        seen.map((events, i) =>
          peer.client
            .request('count', i + 2, { onEvent: (event) => events.push(event) })
            .then((n) => [n, events.length]),
        ),
      );
      assert.deepEqual(results, [
        [2, 2],
        [3, 3],
      ]);
      assert.deepEqual(seen, [
        [1, 2],
        [1, 2, 3],
      ]);
    });

    it('reject with the code and the fields of the error', async () => {
      await assert.rejects(peer.client.request('fail', 'panelvec'), {
        name: 'PanelvecError',
        code: 'text_too_long',
        message: 'too long',
        param: 'input[3]',
        retryAfterSeconds: 7,
      });
      await assert.rejects(peer.client.request('fail', 'other'), { code: 'internal', message: 'no such thing' });
    });

    it('reject where the result, or what is sent, cannot be copied', async () => {
      await assert.rejects(peer.client.request('fail', 'not cloneable'), {
        code: 'internal',
        message: /could not be cloned/,
      });
      await assert.rejects(
        peer.client.request('echo', () => {}),
        /could not be cloned/,
      );
      assert.equal(await peer.client.request('echo', 'next'), 'next');
    });

    it('reject where there is no such method', async () => {
      // As a client of another version would be typed
      const client = peer.client as unknown as RpcClient<{ other(n: number): number }>;
      await assert.rejects(client.request('other', 1), { code: 'internal', message: 'there is no method "other"' });
    });

    it('reject at once when they are cancelled, and the handler is told', async () => {
      const controller = new AbortController();
      const params = { name: `at once, ${name}`, outcome: 'resolve' } as const;
      const request = peer.client.request('waitForCancel', params, { signal: controller.signal });
      const other = peer.client.request('hold', 'not cancelled');
      const reason = new Error('enough');
      controller.abort(reason);
      await assert.rejects(request, { code: 'request_cancelled', cause: reason });
      assert.deepEqual((await peer.client.request('listCancelled', undefined)).slice(-1), [params.name]);
      await peer.client.request('release', 'not cancelled');
      assert.equal(await other, 'not cancelled');
    });

    it('wait for the handler when they are cancelled, where that is asked for', async () => {
      for (const outcome of ['resolve', 'reject'] as const) {
        const controller = new AbortController();
        const request = peer.client.request(
          'waitForCancel',
          { name: outcome, outcome },
          { signal: controller.signal, onAbort: 'wait' },
        );
        controller.abort();
        if (outcome === 'resolve') assert.equal(await request, 'resolve');
        else await assert.rejects(request, { code: 'internal', message: 'reject' });
      }
    });

    it('are not sent when they were cancelled before', async () => {
      const before = await peer.client.request('listCancelled', undefined);
      const params = { name: 'never', outcome: 'resolve' } as const;
      const request = peer.client.request('waitForCancel', params, { signal: AbortSignal.abort() });
      await assert.rejects(request, { code: 'request_cancelled' });
      assert.deepEqual(await peer.client.request('listCancelled', undefined), before);
    });

    it('leave no listener at the signal', async () => {
      const { signal } = new AbortController();
      const listeners = new Set<unknown>();
      signal.addEventListener = (_: string, listener: unknown) => void listeners.add(listener);
      signal.removeEventListener = (_: string, listener: unknown) => void listeners.delete(listener);
      const request = peer.client.request('echo', 1, { signal });
      assert.equal(listeners.size, 1);
      await request;
      assert.equal(listeners.size, 0);
    });
  });

  describe(`${name} that ends`, () => {
    it('fails what is pending when it is killed, and what is asked later', async () => {
      const { client, kill } = start();
      await client.request('echo', 'it runs');
      const pending = ['a', 'b'].map((held) => client.request('hold', held));
      kill();
      const expected = { message: `the peer is gone: ${killReason}` };
      for (const request of pending) await assert.rejects(request, expected);
      await assert.rejects(client.request('echo', 'too late'), expected);
    });

    it('fails the request that it does not survive', async () => {
      const { client } = start();
      await assert.rejects(client.request('crash', undefined), { message: 'the peer is gone: exit code 9' });
    });
  });
}

describe('a child process that cannot be started', () => {
  it('fails every request with the reason', async () => {
    const child = fork(file('rpc-test-server.ts'), {
      execPath: '/no/such/program',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const client = connect(childEndpoint(child));
    await assert.rejects(client.request('echo', 1), /the peer is gone: .*ENOENT/);
    await assert.rejects(client.request('echo', 2), /the peer is gone: .*ENOENT/);
  });
});

describe('a client that ends', () => {
  it('has its requests cancelled', async () => {
    const child = fork(file('rpc-test-client-process.ts'), {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    let signal: AbortSignal | undefined;
    const unused = () => assert.fail('nobody asks this');
    serveRpc<TestMethods>(childEndpoint(child), {
      echo: unused,
      hold: unused,
      release: unused,
      count: unused,
      waitForCancel: (_, context) => {
        signal = context.signal;
        return new Promise(() => {});
      },
      listCancelled: unused,
      fail: unused,
      crash: unused,
    });
    await waitFor('the request', () => signal !== undefined);
    assert.equal(signal?.aborted, false);
    child.kill('SIGKILL');
    await waitForExit(child);
    await waitFor('the cancellation', () => signal?.aborted);
  });
});
