import { type Priority, PriorityTurns } from '../inference/priority.ts';
import { withSpan } from '../tracing/tracing.ts';
import { cancellationError } from '../util/cancellation-error.ts';

interface Waiting {
  readonly views: number;
  enter(): void;
}

/**
 * Bounds the pictures that are decoded and not answered: others wait as files, which take a tenth of the memory. Work of the
 * higher priority enters first, and what nobody waits for any more is not decoded at all.
 */
export class PictureGate {
  readonly #maxViews: number;
  readonly #turns = new PriorityTurns();
  readonly #waiting: Record<Priority, Set<Waiting>> = { interactive: new Set(), batch: new Set() };
  /** Whose turn it is, while there is no room for it */
  #nextPriority: Priority | undefined;
  #views = 0;

  /** @param maxViews twice what the engines hold, so that they never wait for a decoder */
  constructor(maxViews: number) {
    this.#maxViews = maxViews;
  }

  /** Views that are being decoded, or are decoded and not answered */
  get viewsInside(): number {
    return this.#views;
  }

  /**
   * Runs work on pictures when there is room for them. Their number may be over the whole limit: they enter when half of it is free.
   * @param work calls `leave` with the views that it is done with, if it can tell before it ends
   * @throws PanelvecError request_cancelled, or the reason of the signal, where nobody waits for the work any more
   */
  async run<T>(
    views: number,
    { priority, signal }: { readonly priority: Priority; readonly signal: AbortSignal },
    work: (leave: (views: number) => void) => Promise<T>,
  ): Promise<T> {
    if (!this.#isAnyWaiting && this.#hasRoomFor(views)) this.#views += views;
    else await withSpan('wait as a file', {}, () => this.#waitForRoom(views, priority, signal));
    let remaining = views;
    const leave = (done: number) => {
      const left = Math.min(done, remaining);
      remaining -= left;
      this.#views -= left;
      this.#letIn();
    };
    try {
      return await work(leave);
    } finally {
      leave(remaining);
    }
  }

  get #isAnyWaiting(): boolean {
    return this.#waiting.interactive.size + this.#waiting.batch.size > 0;
  }

  #hasRoomFor(views: number): boolean {
    return this.#views + views <= this.#maxViews || this.#views <= this.#maxViews / 2;
  }

  #waitForRoom(views: number, priority: Priority, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(cancellationError(signal));
        return;
      }
      const cancel = () => {
        this.#waiting[priority].delete(waiting);
        reject(cancellationError(signal));
        this.#letIn();
      };
      const waiting = {
        views,
        enter: () => {
          signal.removeEventListener('abort', cancel);
          resolve();
        },
      };
      signal.addEventListener('abort', cancel, { once: true });
      this.#waiting[priority].add(waiting);
    });
  }

  #letIn(): void {
    while (this.#isAnyWaiting) {
      const { interactive, batch } = this.#waiting;
      this.#nextPriority ??= this.#turns.take({ interactive: interactive.size > 0, batch: batch.size > 0 });
      const [next] = this.#waiting[this.#nextPriority];
      if (next !== undefined) {
        if (!this.#hasRoomFor(next.views)) return;
        this.#waiting[this.#nextPriority].delete(next);
        this.#views += next.views;
        next.enter();
      }
      this.#nextPriority = undefined;
    }
  }
}
