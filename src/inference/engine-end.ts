import { PanelvecError } from '../errors.ts';

/**
 * How an engine ended: of itself, by the watchdog because it hung, by a signal from outside (an operator, or the system when memory
 * ran out), or because the service wanted another.
 */
export type EngineEnd = 'crashed' | 'hung' | 'killed' | 'replaced';

const SIGNALS_FROM_OUTSIDE: ReadonlySet<string> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']);

/** What a panel is suspected of when its engine ends while nothing else is in it. Signals from outside rarely mean the panel. */
const SUSPICIONS: Readonly<Record<EngineEnd, number>> = { crashed: 3, hung: 3, killed: 1, replaced: 0 };
/** Two crashes, or six kills. */
const MAX_SUSPICION = 6;

/** The error of work that an engine had when it ended. */
export class EngineLostError extends PanelvecError {
  readonly end: EngineEnd;

  /** @param intended how this process ended it, if it did */
  constructor(reason: string, intended: EngineEnd | undefined) {
    super('engine_unavailable', `the engine process ended (${reason})`);
    this.end = intended ?? (SIGNALS_FROM_OUTSIDE.has(reason) ? 'killed' : 'crashed');
  }
}

/** What a panel is suspected of after it was lost once more. @param wasAlone whether the engine had nothing else */
export function suspicionAfter(suspicion: number, error: EngineLostError, wasAlone: boolean): number {
  return wasAlone ? suspicion + SUSPICIONS[error.end] : suspicion;
}

export function isPoisonous(suspicion: number): boolean {
  return suspicion >= MAX_SUSPICION;
}
