import { firstLine, PanelvecError } from '../../errors.ts';
import { PANEL_DOES_NOT_FIT } from '../engine-messages.ts';
import type { EngineItem, EngineResult } from '../engine-types.ts';

/**
 * How allocations fail: in ONNX Runtime's arenas and on the CPU, in CUDA and its libraries, in WebGPU, and in V8. There is no code for
 * it, only these messages.
 */
const ALLOCATION_FAILURE =
  /failed to allocate memory|available memory of \d+ is smaller than requested|bad[_ ]alloc|out of memory|out_of_memory|alloc_failed|not enough memory|array buffer allocation failed/i;

export function isAllocationFailure(error: unknown): boolean {
  return ALLOCATION_FAILURE.test(error instanceof Error ? error.message : String(error));
}

export interface RunWithinMemory {
  /** In the order of the items */
  readonly results: EngineResult[];
  /** How often a run was too large, and was tried again with half of its items */
  readonly halvings: number;
}

/** Full runs after which a larger one is tried again: one panel that is large must not slow the engine down for ever. */
const RUNS_BEFORE_GROWTH = 64;

/**
 * Runs batches in halves where the memory of the device does not suffice, and remembers what it sufficed for: others may use the same
 * device, and a model may be larger than expected.
 */
export class MemoryBoundRunner {
  readonly #run: (items: readonly EngineItem[]) => Promise<EngineResult[]>;
  #maxItems = Number.POSITIVE_INFINITY;
  #fullRuns = 0;

  constructor(run: (items: readonly EngineItem[]) => Promise<EngineResult[]>) {
    this.#run = run;
  }

  /** @throws PanelvecError inference_failed for a panel that does not even fit alone */
  async run(items: readonly EngineItem[]): Promise<RunWithinMemory> {
    const results: EngineResult[] = [];
    let halvings = 0;
    while (results.length < items.length) {
      const part = items.slice(results.length, results.length + this.#maxItems);
      try {
        results.push(...(await this.#run(part)));
        this.#recordSuccess(part.length);
      } catch (error) {
        if (!isAllocationFailure(error)) throw error;
        if (part.length === 1) throw new PanelvecError('inference_failed', PANEL_DOES_NOT_FIT, { cause: error });
        this.#maxItems = Math.ceil(part.length / 2);
        this.#fullRuns = 0;
        halvings++;
        console.error(`a batch of ${part.length} did not fit into memory: ${firstLine(error)}`);
      }
    }
    return { results, halvings };
  }

  #recordSuccess(items: number): void {
    if (items < this.#maxItems) return;
    this.#fullRuns++;
    if (this.#fullRuns < RUNS_BEFORE_GROWTH) return;
    this.#maxItems *= 2;
    this.#fullRuns = 0;
  }
}
