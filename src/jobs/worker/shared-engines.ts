/**
 * One set of engines for requests and for jobs: the service lets the workers that it started use its engines, over the
 * pipe to each of them.
 */
import type { ChildProcess } from 'node:child_process';
import pLimit, { type LimitFunction } from 'p-limit';
import { PanelvecError } from '../../errors.ts';
import type { BulkEngines } from '../../inference/engine-pool.ts';
import type { EngineItem, EngineResult } from '../../inference/engine-types.ts';
import { childEndpoint, parentEndpoint } from '../../process/endpoint.ts';
import { RpcClient, serveRpc } from '../../process/rpc.ts';

/** A model that the shared engines have warm. */
export interface SharedModel {
  readonly id: string;
  readonly space: string;
}

export interface EngineShare {
  readonly models: readonly SharedModel[];
  /** Panels that may be in the pipe and in the service's queue: they take its memory, and its event loop while they arrive. */
  readonly maxPanels: number;
}

type SharedEngineMethods = {
  describe(): EngineShare;
  compute(panel: { readonly model: string; readonly item: EngineItem }): EngineResult;
};

/** Lets a child process use a pool, as long as the child runs. */
export function serveEngines(child: ChildProcess, pool: BulkEngines, share: EngineShare): void {
  serveRpc<SharedEngineMethods>(childEndpoint(child), {
    describe: () => share,
    compute: ({ model, item }, { signal }) => pool.runBulk(model, item, signal),
  });
}

/** The pool of the process that started this one. */
export class RemoteEngines implements BulkEngines {
  readonly models: readonly SharedModel[];
  readonly #panelLimit: LimitFunction;
  readonly #rpc: RpcClient<SharedEngineMethods>;

  private constructor(rpc: RpcClient<SharedEngineMethods>, { models, maxPanels }: EngineShare) {
    this.models = models;
    this.#rpc = rpc;
    this.#panelLimit = pLimit(maxPanels);
  }

  static async connect(): Promise<RemoteEngines> {
    const toError = (reason: string) => new PanelvecError('shutting_down', `the service is gone (${reason})`);
    const rpc = new RpcClient<SharedEngineMethods>(parentEndpoint(), toError);
    return new RemoteEngines(rpc, await rpc.request('describe', undefined));
  }

  /** Does not wait for the engines once nobody wants the result: requests may keep them busy for long. */
  runBulk(model: string, item: EngineItem, signal?: AbortSignal): Promise<EngineResult> {
    return this.#panelLimit(() => this.#rpc.request('compute', { model, item }, { signal }));
  }
}
