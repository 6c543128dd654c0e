import type { Modality } from '../model/modality.ts';

/** Stages of a request that are timed. */
export type Stage = 'decode' | 'resize' | 'queue' | 'inference';

/** Runs a piece of work and records how long it took. */
export type StageTimer = <T>(stage: Stage, run: () => Promise<T>) => Promise<T>;

/** What the metrics record of the embedding itself. */
export interface EmbeddingObserver {
  readonly timeStage: StageTimer;
  recordPanel(modalities: readonly Modality[]): void;
}
