/** One request that was sent, in milliseconds from the start of the load. */
export interface Attempt {
  /** When it was meant to be sent. It is later where the client was busy; a latency that began then would hide the wait. */
  readonly plannedMs: number;
  readonly answeredMs: number;
  /** `ok`, the code of the error that the server has sent, or what happened to the connection */
  readonly outcome: string;
  /** Whether the same client was refused before and has waited as long as it was told */
  readonly isRetry: boolean;
}

export interface LoadResult {
  readonly attempts: readonly Attempt[];
  /** Processor time of the client in this load */
  readonly cpuSeconds: number;
}

export const OK = 'ok';

export function latencyMs({ plannedMs, answeredMs }: Attempt): number {
  return answeredMs - plannedMs;
}

/** The code of the error of a server that has enough to do. */
export const REFUSED = 'queue_full';

/**
 * @param allowed outcomes
 * @throws Error that names what happened, if one of the requests was not answered as it should be
 */
export function assertAllOk(attempts: readonly Attempt[], allowed: readonly string[] = [OK]): void {
  const failed = attempts.find(({ outcome }) => !allowed.includes(outcome));
  if (failed) throw new Error(`a request failed: ${failed.outcome}`);
}
