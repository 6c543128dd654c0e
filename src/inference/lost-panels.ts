import { firstLine, PanelvecError } from '../errors.ts';
import { EngineLostError, isPoisonous, suspicionOf } from './engine-end.ts';
import { PANEL_DOES_NOT_FIT } from './engine-messages.ts';
import { engineUnavailableError } from './engine-slot.ts';
import type { EngineItem } from './engine-types.ts';
import { type QueueEntry, removeEntries } from './inference-queue.ts';
import { countOomKills } from './oom-kills.ts';
import { PoisonedItems, poisonedError } from './poisoned-items.ts';

/**
 * Decides what becomes of panels whose engine ended or refused them: most are tried again, alone. One that ends its engine whenever
 * it runs alone is refused, for a time also without an engine. What a signal from outside ended is never refused for it, unless
 * that goes on and on.
 */
export class LostPanels {
  readonly #poisoned: PoisonedItems;
  readonly #onPoisoned: () => void;

  /** @param onPoisoned called for each panel that is refused */
  constructor(poisonedSeconds: number, onPoisoned: () => void) {
    this.#poisoned = new PoisonedItems(poisonedSeconds);
    this.#onPoisoned = onPoisoned;
  }

  /** The error of a panel that is refused without an engine. */
  findRefusal(item: EngineItem): PanelvecError | undefined {
    return this.#poisoned.has(item) ? this.#refuse() : undefined;
  }

  /**
   * Returns the panels of a lost batch that are tried again, and rejects the others.
   * @param wasAlone whether the engine had nothing beside the batch
   * @param queues where panels may wait that are equal to one that ended its engine
   */
  sortOut(
    batch: readonly QueueEntry[],
    error: unknown,
    wasAlone: boolean,
    queues: readonly QueueEntry[][],
  ): QueueEntry[] {
    const oomKills = countOomKills();
    return batch.flatMap((entry) => {
      if (error instanceof EngineLostError) {
        const hasRunOutOfMemory = entry.oomKills !== undefined && oomKills > entry.oomKills;
        const isSuspect = wasAlone && batch.length === 1;
        const suspicion = entry.suspicion + (isSuspect ? suspicionOf(error, hasRunOutOfMemory) : 0);
        if (isPoisonous(suspicion)) this.#condemn(entry, error, queues);
        else if (this.#poisoned.has(entry.item)) entry.reject(this.#refuse(error));
        else return toRetry(entry, suspicion, oomKills);
      } else if (entry.isRetry) entry.reject(secondFailureError(error));
      else return toRetry(entry, entry.suspicion, oomKills);
      return [];
    });
  }

  #condemn(entry: QueueEntry, error: EngineLostError, queues: readonly QueueEntry[][]): void {
    this.#poisoned.add(entry.item);
    entry.reject(this.#refuse(error));
    // Equal ones that were lost with it would end as many engines.
    const isPoisoned = ({ isRetry, item }: QueueEntry) => isRetry && this.#poisoned.has(item);
    for (const other of queues.flatMap((queue) => removeEntries(queue, isPoisoned))) other.reject(this.#refuse(error));
  }

  #refuse(cause?: unknown): PanelvecError {
    this.#onPoisoned();
    return poisonedError(cause);
  }
}

/** The queue timeout starts again: waiting for an engine that hung has used it up. */
function toRetry(entry: QueueEntry, suspicion: number, oomKills: number): QueueEntry {
  return { ...entry, queuedAt: performance.now(), isRetry: true, suspicion, oomKills };
}

/** The error of a panel that an engine refused twice. What the model refuses it will refuse again. */
function secondFailureError(error: unknown): PanelvecError {
  if (error instanceof PanelvecError && error.code === 'inference_failed')
    return new PanelvecError('inference_failed', refusalMessage(error), { cause: error });
  return engineUnavailableError(`the engine did not take this panel: ${firstLine(error)}`, error);
}

/** Without the words of ONNX Runtime, which tell a client nothing. */
function refusalMessage({ message }: PanelvecError): string {
  return message === PANEL_DOES_NOT_FIT ? message : 'the model cannot compute this panel';
}
