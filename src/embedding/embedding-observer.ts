import { type ErrorCode, PanelvecError } from '../errors.ts';
import type { Modality } from '../model/modality.ts';

/** Stages of a request that are timed. */
export type Stage = 'decode' | 'resize' | 'queue' | 'inference';

/** Runs a piece of work and records how long it took. */
export type StageTimer = <T>(stage: Stage, run: () => Promise<T>) => Promise<T>;

/**
 * What a model made of a panel or of a request: vectors, a vector that is not finite, or nothing, because of an error or until its client
 * gave it up.
 */
export type Outcome = 'ok' | 'not_finite' | 'error' | 'given_up';

/** What came of a panel of a request that was given to the engines. */
export interface PanelOutcome {
  /** Id of the model */
  readonly model: string;
  readonly outcome: Outcome;
  /** From the queue to the result */
  readonly seconds: number;
}

/** What came of a request, and what it asked of the engines. */
export interface RequestOutcome {
  readonly model: string;
  readonly outcome: Outcome;
  /** Those that were given to the engines */
  readonly panels: number;
  readonly hasPictures: boolean;
  /** Of its slowest panel, from the queue to the result */
  readonly seconds: number;
}

/**
 * Why a request was refused with queue_full: it would have waited too long, or past its deadline, or panels, texts or bytes are at
 * their limit.
 */
export type RefusalReason = 'wait' | 'deadline' | 'pictures' | 'texts' | 'bytes';

/** What the metrics record of the embedding itself. */
export interface EmbeddingObserver {
  readonly timeStage: StageTimer;
  recordPanel(modalities: readonly Modality[]): void;
  recordOutcome(panel: PanelOutcome): void;
  recordRequest(request: RequestOutcome): void;
  recordRefused(reason: RefusalReason): void;
}

const MODEL_ERRORS: readonly ErrorCode[] = [
  'inference_failed',
  'poisoned_input',
  'engine_unavailable',
  'model_unavailable',
  'internal',
];

/** What of a request decides what an error in it says. */
export interface FailedWork {
  /** Whether the caller prepared the tensors: a NaN may be the caller's own */
  readonly isRaw?: boolean | undefined;
  readonly callerSignal: AbortSignal | undefined;
}

/** What an error says of the model; undefined for one that says nothing: a mistake of the caller, or of another part of the request. */
export function outcomeOf(error: unknown, { isRaw = false, callerSignal }: FailedWork): Outcome | undefined {
  if (!(error instanceof PanelvecError)) return undefined;
  if (error.code === 'request_cancelled' || error.code === 'deadline_exceeded')
    return callerSignal?.aborted ? 'given_up' : undefined;
  if (error.code === 'vector_not_finite') return isRaw ? undefined : 'not_finite';
  return MODEL_ERRORS.includes(error.code) ? 'error' : undefined;
}
