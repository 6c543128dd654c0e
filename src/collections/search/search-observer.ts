/** Phases of a search that are timed. */
export type SearchPhase = 'embed' | 'database';

/** What the metrics record of searches. */
export interface SearchObserver {
  /** Runs a phase of a search and records how long it took. */
  readonly timePhase: <T>(phase: SearchPhase, run: () => Promise<T>) => Promise<T>;
}
