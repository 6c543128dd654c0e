/** A process that asks its parent, until it is killed. */
import { parentEndpoint } from '../../src/process/endpoint.ts';
import { RpcClient } from '../../src/process/rpc.ts';
import type { TestMethods } from './rpc-test-methods.ts';

const client = new RpcClient<TestMethods>(parentEndpoint(), (reason) => new Error(reason));
await client.request('waitForCancel', { name: 'orphan', outcome: 'reject' });
