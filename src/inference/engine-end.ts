import { PanelvecError } from '../errors.ts';

/**
 * How an engine ended: of itself, by the watchdog because it hung, by a signal from outside (an operator, or the system when memory
 * ran out), or because the service wanted another.
 */
export type EngineEnd = 'crashed' | 'hung' | 'killed' | 'replaced';

const SIGNALS_FROM_OUTSIDE: ReadonlySet<string> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']);

/** What a panel is suspected of when its engine ends while nothing else is in it. Signals from outside rarely mean the panel. */
const SUSPICIONS: Readonly<Record<EngineEnd, number>> = { crashed: 15, hung: 15, killed: 1, replaced: 0 };
/** Of a kill while memory ran out: the panel may have taken it, or another program. */
const OUT_OF_MEMORY_SUSPICION = 5;
/** Two crashes, or six kills for lack of memory. Thirty others are an end for work that would be tried for ever. */
const MAX_SUSPICION = 30;

/** The error of work that an engine had when it ended. */
export class EngineLostError extends PanelvecError {
  readonly end: EngineEnd;

  /** @param intended how this process ended it, if it did */
  constructor(reason: string, intended: EngineEnd | undefined) {
    super('engine_unavailable', `the engine process ended (${reason})`);
    this.end = intended ?? (SIGNALS_FROM_OUTSIDE.has(reason) ? 'killed' : 'crashed');
  }
}

/**
 * What a panel adds to its suspicion when its engine ends while nothing else is in it.
 * @param ranOutOfMemory whether the system has ended processes for lack of memory meanwhile
 */
export function suspicionOf({ end }: EngineLostError, ranOutOfMemory: boolean): number {
  return end === 'killed' && ranOutOfMemory ? OUT_OF_MEMORY_SUSPICION : SUSPICIONS[end];
}

export function isPoisonous(suspicion: number): boolean {
  return suspicion >= MAX_SUSPICION;
}
