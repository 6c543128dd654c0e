import type { EngineItem } from '../inference/engine-types.ts';
import type { Priority } from '../inference/priority.ts';
import type { Admission } from './admission.ts';
import { type Outcome, outcomeOf } from './embedding-observer.ts';
import { defaultPriority } from './request-cost.ts';
import type { ServedModel } from './served-model.ts';
import type { AdmittedPlace, HeldPlace } from './wait-admission.ts';

/** When the work of a caller is done, and until when somebody waits for it. */
export interface WorkOptions {
  /** Aborted when nobody waits any more; its reason may be the error to give */
  readonly signal?: AbortSignal | undefined;
  /** `interactive` for a few panels by default, else `batch` */
  readonly priority?: Priority | undefined;
  /** By `performance.now`. The signal ends the work; this refuses what would not be done by then */
  readonly deadline?: number | undefined;
  /** Held while the body was read */
  readonly place?: HeldPlace | undefined;
}

/** What a request has asked of the engines so far. */
class EngineUse {
  panels = 0;
  hasPictures = false;
  /** Of the slowest panel */
  seconds = 0;
  /** Undefined until it is admitted */
  place: AdmittedPlace | undefined;

  add({ pixels }: EngineItem, seconds: number): void {
    this.panels++;
    this.hasPictures ||= pixels !== null;
    this.seconds = Math.max(this.seconds, seconds);
  }
}

/** Work of a request, counted in panels or texts. */
export interface AdmittedWork {
  /** Id of the model */
  readonly model: string;
  readonly use: EngineUse;
  readonly admission: Admission;
  /** What they count in the admission */
  readonly items: number;
  /** Seconds of work (`WorkPrices`) */
  readonly cost: number;
  /** Of a panel, on average */
  readonly panelCost: number;
  readonly priority: Priority;
  readonly options: WorkOptions;
  readonly isLongList?: boolean;
  /** Whether callers have prepared its tensors themselves */
  readonly isRaw?: boolean;
}

/** Describes the work of a request for a number of panels, of which nothing is done yet. */
export function describeWork(
  { model }: ServedModel,
  panelCount: number,
  options: WorkOptions,
  work: Pick<AdmittedWork, 'admission' | 'items' | 'cost' | 'isLongList' | 'isRaw'>,
): AdmittedWork {
  const priority = options.priority ?? defaultPriority(panelCount);
  return { ...work, model: model.id, use: new EngineUse(), panelCost: work.cost / panelCount, priority, options };
}

/** Records what came of an operation, unless it says nothing about the model. */
export async function recordOutcome<T>(
  work: AdmittedWork,
  record: (outcome: Outcome) => void,
  operation: () => Promise<T>,
): Promise<T> {
  try {
    const result = await operation();
    record('ok');
    return result;
  } catch (error) {
    const outcome = outcomeOf(error, { isRaw: work.isRaw, callerSignal: work.options.signal });
    if (outcome !== undefined) record(outcome);
    throw error;
  }
}
