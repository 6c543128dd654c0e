import type { Modality } from '../model/modality.ts';

/** Stages of a request that are timed. */
export type Stage = 'decode' | 'resize' | 'queue' | 'inference';

/** Runs a piece of work and notes how long it took. */
export type StageTimer = <T>(stage: Stage, run: () => Promise<T>) => Promise<T>;

/** What the metrics want to know of the embedding itself. */
export interface EmbeddingObserver {
  readonly timeStage: StageTimer;
  recordPanel(modalities: readonly Modality[]): void;
}
