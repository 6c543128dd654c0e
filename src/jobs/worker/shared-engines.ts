/**
 * One set of engines for requests and for jobs: the service lets the workers that it started use its engines, over the
 * pipe to each of them.
 */
import type { ChildProcess } from 'node:child_process';
import pLimit, { type LimitFunction } from 'p-limit';
import { PanelvecError } from '../../errors.ts';
import type { BulkEngines } from '../../inference/bulk-engines.ts';
import type { EngineItem, EngineResult } from '../../inference/engine-types.ts';
import { childEndpoint, parentEndpoint } from '../../process/endpoint.ts';
import { RpcClient, serveRpc } from '../../process/rpc.ts';

/** A model that the shared engines have now, or load when they are asked for it. */
export interface SharedModel {
  readonly id: string;
  readonly space: string;
  readonly folder: string;
  /** Panels that may be in the pipe and in the service's queue: they take its memory, and its event loop while they arrive. */
  readonly maxPanels: number;
}

/** The engines of a service, as its workers may use them. */
export interface SharedEngines extends BulkEngines {
  findShared(id: string): SharedModel | undefined;
}

type SharedEngineMethods = {
  find(id: string): SharedModel | undefined;
  compute(panel: { readonly model: string; readonly item: EngineItem }): EngineResult;
};

/** Lets a child process use engines, as long as the child runs. */
export function serveEngines(child: ChildProcess, engines: SharedEngines): void {
  serveRpc<SharedEngineMethods>(childEndpoint(child), {
    find: (id) => engines.findShared(id),
    compute: ({ model, item }, { signal }) => engines.runBulk(model, item, signal),
  });
}

/** The engines of the process that started this one. */
export class RemoteEngines implements BulkEngines {
  readonly #panelLimits = new Map<string, LimitFunction>();
  readonly #rpc: RpcClient<SharedEngineMethods>;

  constructor() {
    const toError = (reason: string) => new PanelvecError('shutting_down', `the service is gone (${reason})`);
    this.#rpc = new RpcClient<SharedEngineMethods>(parentEndpoint(), toError);
  }

  /** Asks for a model each time: those of a service change while it runs. */
  async find(id: string): Promise<SharedModel | undefined> {
    const shared = await this.#rpc.request('find', id);
    if (shared !== undefined && !this.#panelLimits.has(id)) this.#panelLimits.set(id, pLimit(shared.maxPanels));
    return shared;
  }

  /**
   * Computes a panel of a model that `find` has found. Does not wait for the engines once nobody wants the result: requests may
   * keep them busy for long.
   */
  runBulk(model: string, item: EngineItem, signal?: AbortSignal): Promise<EngineResult> {
    const limit = this.#panelLimits.get(model);
    if (limit === undefined) throw new Error(`model ${model} was not found before its use`);
    return limit(() => this.#rpc.request('compute', { model, item }, { signal }));
  }
}
