/**
 * One engine for calls and for jobs: the api lends its pool to the worker that it started, over the pipe between the two.
 */
import type { ChildProcess } from 'node:child_process';
import pLimit, { type LimitFunction } from 'p-limit';
import { type ErrorCode, firstLine, PanelvecError } from '../../errors.ts';
import type { BulkEngines, EnginePool } from '../../inference/engine-pool.ts';
import type { EngineItem, EngineResult } from '../../inference/engine-types.ts';

/** A model that the lender's engines have warm. */
export interface SharedModel {
  readonly id: string;
  readonly space: string;
}

export interface EngineShare {
  readonly models: readonly SharedModel[];
  /** Panels that may be in the pipe and the lender's queue: they hold its memory, and its event loop while they arrive */
  readonly maxPanels: number;
}

type EngineResponse =
  | { readonly type: 'lent'; readonly share: EngineShare }
  | { readonly type: 'computed'; readonly id: number; readonly result: EngineResult }
  | { readonly type: 'refused'; readonly id: number; readonly code: ErrorCode; readonly message: string };

type EngineRequest =
  | { readonly type: 'compute'; readonly id: number; readonly model: string; readonly item: EngineItem }
  | { readonly type: 'abandon'; readonly id: number };

/** Lends a pool to a child process, as long as that lives. */
export function serveEngines(child: ChildProcess, pool: EnginePool, share: EngineShare): void {
  const controllers = new Map<number, AbortController>();
  const send = (message: EngineResponse) => {
    if (child.connected) child.send(message, () => {});
  };
  child.once('exit', () => {
    for (const controller of controllers.values()) controller.abort();
  });
  child.on('message', async (message: EngineRequest) => {
    const { id } = message;
    if (message.type === 'abandon') return controllers.get(id)?.abort();
    const controller = new AbortController();
    controllers.set(id, controller);
    try {
      send({ type: 'computed', id, result: await pool.runBulk(message.model, message.item, controller.signal) });
    } catch (error) {
      const code = error instanceof PanelvecError ? error.code : 'internal';
      send({ type: 'refused', id, code, message: firstLine(error) });
    } finally {
      controllers.delete(id);
    }
  });
  send({ type: 'lent', share });
}

/** The pool of the process that started this one. */
export class RemoteEngines implements BulkEngines {
  readonly models: readonly SharedModel[];
  readonly #panelLimit: LimitFunction;
  readonly #pending = new Map<number, PromiseWithResolvers<EngineResult>>();
  #nextId = 0;

  private constructor({ models, maxPanels }: EngineShare) {
    this.models = models;
    this.#panelLimit = pLimit(maxPanels);
    process.on('message', (message: EngineResponse) => this.#receive(message));
  }

  /** Waits for the lender's first word. */
  static connect(): Promise<RemoteEngines> {
    return new Promise((resolve) => {
      process.once('message', (message: EngineResponse) => {
        if (message.type === 'lent') resolve(new RemoteEngines(message.share));
      });
    });
  }

  runBulk(model: string, item: EngineItem, signal?: AbortSignal): Promise<EngineResult> {
    return this.#panelLimit(() => {
      signal?.throwIfAborted();
      return this.#request(model, item, signal);
    });
  }

  /** Does not wait for the lender once nobody wants the answer: calls may keep it busy for long. */
  #request(model: string, item: EngineItem, signal: AbortSignal | undefined): Promise<EngineResult> {
    const id = this.#nextId++;
    const pending = Promise.withResolvers<EngineResult>();
    this.#pending.set(id, pending);
    const cancel = () => {
      this.#send({ type: 'abandon', id });
      this.#pending.delete(id);
      pending.reject(new PanelvecError('request_cancelled', 'the task was given up'));
    };
    signal?.addEventListener('abort', cancel, { once: true });
    this.#send({ type: 'compute', id, model, item });
    return pending.promise.finally(() => signal?.removeEventListener('abort', cancel));
  }

  /** A pipe that breaks ends this process by its `disconnect`. */
  #send(message: EngineRequest): void {
    process.send!(message, () => {});
  }

  #receive(message: EngineResponse): void {
    if (message.type === 'lent') return;
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.type === 'computed') pending?.resolve(message.result);
    else pending?.reject(new PanelvecError(message.code, message.message));
  }
}
