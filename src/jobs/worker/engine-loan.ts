/**
 * One engine for calls and for jobs: the api lends its pool to the worker that it started, over the pipe between the two.
 */
import type { ChildProcess } from 'node:child_process';
import pLimit, { type LimitFunction } from 'p-limit';
import { type ErrorCode, oneLine, PanelvecError } from '../../errors.ts';
import type { EngineItem, EngineResult } from '../../inference/contract.ts';
import type { BulkEngines, EnginePool } from '../../inference/engine-pool.ts';

/** A model that the lender's engines have warm. */
export interface LentModel {
  readonly id: string;
  readonly space: string;
}

export interface Loan {
  readonly models: readonly LentModel[];
  /** Panels that may be in the pipe and the lender's queue: they hold its memory, and its event loop while they arrive */
  readonly panels: number;
}

type ToBorrower =
  | { readonly type: 'lent'; readonly loan: Loan }
  | { readonly type: 'computed'; readonly id: number; readonly result: EngineResult }
  | { readonly type: 'refused'; readonly id: number; readonly code: ErrorCode; readonly message: string };

type ToLender =
  | { readonly type: 'compute'; readonly id: number; readonly model: string; readonly item: EngineItem }
  | { readonly type: 'abandon'; readonly id: number };

/** Lends a pool to a child process, as long as that lives. */
export function lendEngines(child: ChildProcess, pool: EnginePool, loan: Loan): void {
  const running = new Map<number, AbortController>();
  const answer = (message: ToBorrower) => {
    if (child.connected) child.send(message, () => {});
  };
  child.once('exit', () => {
    for (const work of running.values()) work.abort();
  });
  child.on('message', async (message: ToLender) => {
    const { id } = message;
    if (message.type === 'abandon') return running.get(id)?.abort();
    const work = new AbortController();
    running.set(id, work);
    try {
      answer({ type: 'computed', id, result: await pool.bulk(message.model, message.item, work.signal) });
    } catch (error) {
      const code = error instanceof PanelvecError ? error.code : 'internal';
      answer({ type: 'refused', id, code, message: oneLine(error) });
    } finally {
      running.delete(id);
    }
  });
  answer({ type: 'lent', loan });
}

/** The pool of the process that started this one. */
export class BorrowedEngines implements BulkEngines {
  readonly models: readonly LentModel[];
  readonly #places: LimitFunction;
  readonly #pending = new Map<number, PromiseWithResolvers<EngineResult>>();
  #nextId = 0;

  private constructor({ models, panels }: Loan) {
    this.models = models;
    this.#places = pLimit(panels);
    process.on('message', (message: ToBorrower) => this.#receive(message));
  }

  /** Waits for the lender's first word. */
  static borrow(): Promise<BorrowedEngines> {
    return new Promise((resolve) => {
      process.once('message', (message: ToBorrower) => {
        if (message.type === 'lent') resolve(new BorrowedEngines(message.loan));
      });
    });
  }

  bulk(model: string, item: EngineItem, signal?: AbortSignal): Promise<EngineResult> {
    return this.#places(() => {
      signal?.throwIfAborted();
      return this.#ask(model, item, signal);
    });
  }

  /** Does not wait for the lender once nobody wants the answer: calls may keep it busy for long. */
  #ask(model: string, item: EngineItem, signal: AbortSignal | undefined): Promise<EngineResult> {
    const id = this.#nextId++;
    const pending = Promise.withResolvers<EngineResult>();
    this.#pending.set(id, pending);
    const abandon = () => {
      this.#send({ type: 'abandon', id });
      this.#pending.delete(id);
      pending.reject(new PanelvecError('request_cancelled', 'the task was given up'));
    };
    signal?.addEventListener('abort', abandon, { once: true });
    this.#send({ type: 'compute', id, model, item });
    return pending.promise.finally(() => signal?.removeEventListener('abort', abandon));
  }

  /** A pipe that breaks ends this process by its `disconnect`. */
  #send(message: ToLender): void {
    process.send!(message, () => {});
  }

  #receive(message: ToBorrower): void {
    if (message.type === 'lent') return;
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.type === 'computed') pending?.resolve(message.result);
    else pending?.reject(new PanelvecError(message.code, message.message));
  }
}
