import type { Services } from '../services.ts';

export type ReadinessSources = Pick<Services, 'models' | 'pool' | 'promotions'>;

export interface Readiness {
  readonly status: 'ready' | 'starting' | 'unavailable';
  /** What is not served as it was chosen, in sentences. A service that keeps an earlier model all the same is ready */
  readonly problems: string[];
}

/** Whether the service can do what requests without a model ask for. */
export function readReadiness({ models, pool, promotions }: ReadinessSources): Readiness {
  const problems = [...promotions.problems];
  if (models.defaultModel === undefined) return { status: 'unavailable', problems };
  return { status: pool.isReady ? 'ready' : 'starting', problems };
}
