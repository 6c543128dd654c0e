import pLimit from 'p-limit';
import type { Model } from '../model/model.ts';
import type { ModelEntry } from './model-entry.ts';
import { chooseLeaving, estimateBytes, type ModelMemory } from './model-memory.ts';

export interface ModelRoomOptions {
  /** Bound on the memory of all engine processes together */
  readonly maxBytes: number;
  readonly enginesPerModel: number;
  /** All models, also those that are not in memory */
  entries(): ModelEntry[];
  /** Makes a model leave for another. */
  leave(id: string, newcomer: Model): Promise<void>;
}

/** The memory that models share: those that are idle leave when another needs theirs. */
export class ModelRoom {
  readonly #options: ModelRoomOptions;
  /** One model after the other makes itself room. */
  readonly #limit = pLimit(1);

  constructor(options: ModelRoomOptions) {
    this.#options = options;
  }

  /** Whether a model fits beside all that are in memory, so that none has to leave. */
  async hasRoomFor(model: Model): Promise<boolean> {
    const needed = await this.#estimate(model);
    const used = this.#options.entries().reduce((sum, entry) => sum + bytesOf(entry), 0);
    return used + needed <= this.#options.maxBytes;
  }

  /** Counts the memory of a model as taken. @throws PanelvecError model_too_large */
  makeFor(entry: ModelEntry): Promise<void> {
    return this.#limit(async () => {
      const needed = { id: entry.model.id, bytes: await this.#estimate(entry.model) };
      const others = this.#options.entries().filter((other) => other !== entry);
      const leaving = chooseLeaving(
        needed,
        others.filter((other) => bytesOf(other) > 0 && !canLeave(other)).map(toMemory),
        others
          .filter(canLeave)
          .sort((a, b) => a.uses.lastUsedAt - b.uses.lastUsedAt)
          .map(toMemory),
        this.#options.maxBytes,
      );
      entry.bytes = needed.bytes;
      await Promise.all(leaving.map((id) => this.#options.leave(id, entry.model)));
    });
  }

  #estimate(model: Model): Promise<number> {
    return estimateBytes(model, this.#options.enginesPerModel);
  }
}

function canLeave({ pool, isRegistered, isPinned, uses }: ModelEntry): boolean {
  return pool !== undefined && isRegistered && !isPinned && !uses.isUsed;
}

function toMemory(entry: ModelEntry): ModelMemory {
  return { id: entry.model.id, bytes: bytesOf(entry) };
}

/** An engine that is being replaced counts as what it was. */
function bytesOf(entry: ModelEntry): number {
  entry.bytes = entry.pool?.isReady ? entry.pool.residentBytes : entry.bytes;
  return entry.bytes;
}
