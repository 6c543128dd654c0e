import type { Services } from '../services.ts';

export type ReadinessSources = Pick<Services, 'models' | 'pool' | 'promotions' | 'drift'>;

export interface Readiness {
  readonly status: 'ready' | 'starting' | 'unavailable';
  /** What is not served as it was chosen, in sentences. A service that keeps an earlier model all the same is ready */
  readonly problems: string[];
}

/** Whether the service can do what requests without a model ask for. */
export function readReadiness({ models, pool, promotions, drift }: ReadinessSources): Readiness {
  const problems = [...promotions.problems, ...drift.problems];
  // No vector is better than a wrong one.
  if (models.defaultModel === undefined || drift.problems.length > 0) return { status: 'unavailable', problems };
  return { status: pool.isReady ? 'ready' : 'starting', problems };
}
