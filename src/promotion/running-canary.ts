import type { ServedModels } from '../embedding/served-models.ts';
import type { AliasFollower } from './alias-follower.ts';

/** A canary that takes requests in this service. */
export interface RunningCanary {
  readonly alias: string;
  readonly id: string;
  readonly model: string;
  /** The model that gets the other requests */
  readonly active: string;
  readonly share: number;
  readonly startedAt: Date;
}

export type CanaryListener = (canaries: readonly RunningCanary[]) => void;

export function listRunningCanaries(models: ServedModels, follower: AliasFollower): RunningCanary[] {
  return follower.records.flatMap(({ alias, canary }) => {
    const target = models.targetOf(alias);
    if (canary === null || target?.canary?.model !== canary.model) return [];
    return [{ ...canary, alias, active: target.model }];
  });
}
