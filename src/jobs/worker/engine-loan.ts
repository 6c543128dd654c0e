/**
 * One engine for calls and for jobs: the api lends its pool to the worker that it started, over the pipe between the two.
 */
import type { ChildProcess } from 'node:child_process';
import { type ErrorCode, oneLine, PanelvecError } from '../../errors.ts';
import type { EngineItem, EngineResult } from '../../inference/contract.ts';
import type { BulkEngines, EnginePool } from '../../inference/engine-pool.ts';

/** A model that the lender's engines have warm. */
export interface LentModel {
  readonly id: string;
  readonly space: string;
}

export type ToBorrower =
  | { readonly type: 'lent'; readonly models: readonly LentModel[] }
  | { readonly type: 'computed'; readonly id: number; readonly result: EngineResult }
  | { readonly type: 'refused'; readonly id: number; readonly code: ErrorCode; readonly message: string };

export interface ToLender {
  readonly type: 'compute';
  readonly id: number;
  readonly model: string;
  readonly item: EngineItem;
}

/** Lends a pool to a child process, as long as that lives. */
export function lendEngines(child: ChildProcess, pool: EnginePool, models: readonly LentModel[]): void {
  const gone = new AbortController();
  const answer = (message: ToBorrower) => {
    if (child.connected) child.send(message, () => {});
  };
  child.once('exit', () => gone.abort());
  child.on('message', async ({ id, model, item }: ToLender) => {
    try {
      answer({ type: 'computed', id, result: await pool.bulk(model, item, gone.signal) });
    } catch (error) {
      const code = error instanceof PanelvecError ? error.code : 'internal';
      answer({ type: 'refused', id, code, message: oneLine(error) });
    }
  });
  answer({ type: 'lent', models });
}

/** The pool of the process that started this one. */
export class BorrowedEngines implements BulkEngines {
  readonly models: readonly LentModel[];
  readonly #pending = new Map<number, PromiseWithResolvers<EngineResult>>();
  #nextId = 0;

  private constructor(models: readonly LentModel[]) {
    this.models = models;
    process.on('message', (message: ToBorrower) => this.#receive(message));
  }

  /** Waits for the lender's first word. */
  static borrow(): Promise<BorrowedEngines> {
    return new Promise((resolve) => {
      process.once('message', (message: ToBorrower) => {
        if (message.type === 'lent') resolve(new BorrowedEngines(message.models));
      });
    });
  }

  bulk(model: string, item: EngineItem, signal?: AbortSignal): Promise<EngineResult> {
    signal?.throwIfAborted();
    const id = this.#nextId++;
    const pending = Promise.withResolvers<EngineResult>();
    this.#pending.set(id, pending);
    process.send!({ type: 'compute', id, model, item } satisfies ToLender);
    return pending.promise;
  }

  #receive(message: ToBorrower): void {
    if (message.type === 'lent') return;
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.type === 'computed') pending?.resolve(message.result);
    else pending?.reject(new PanelvecError(message.code, message.message));
  }
}
