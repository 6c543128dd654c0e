import type { ServedModels } from '../embedding/served-models.ts';
import { DEFAULT_ALIAS } from '../embedding/served-models.ts';
import type { AliasFollower } from './alias-follower.ts';
import type { Canary, EndedCanary } from './alias-record.ts';

/** What an alias means, and how far this service follows it. */
export interface AliasView {
  readonly alias: string;
  readonly model: string;
  readonly previous: string | null;
  /** Whether the previous model is loaded, so that a rollback takes no time */
  readonly previousWarm: boolean;
  readonly canary: Canary | null;
  readonly lastCanary: EndedCanary | null;
  /** Who decides: the database, or PANELVEC_MODELS and PANELVEC_MODEL_ALIASES */
  readonly source: 'database' | 'settings';
  readonly changedAt: Date | null;
  /** Why it means something else in this service; null if it does not */
  readonly problem: string | null;
}

/** All aliases by name, `default` first. */
export function describeAliases(models: ServedModels, follower: AliasFollower): AliasView[] {
  const { records } = follower;
  const inDatabase = records.map(
    (record): AliasView => ({
      alias: record.alias,
      model: record.model,
      previous: record.previous,
      previousWarm: follower.isPreviousWarm(record),
      canary: record.canary,
      lastCanary: record.lastCanary,
      source: 'database',
      changedAt: record.changedAt,
      problem: follower.problemOf(record) ?? null,
    }),
  );
  const known = new Set(records.map(({ alias }) => alias));
  const bySettings = models.aliases
    .filter(({ alias }) => !known.has(alias))
    .map(
      ({ alias, model }): AliasView => ({
        alias,
        model,
        previous: null,
        previousWarm: false,
        canary: null,
        lastCanary: null,
        source: 'settings',
        changedAt: null,
        problem: null,
      }),
    );
  const order = ({ alias }: AliasView) => (alias === DEFAULT_ALIAS ? '' : alias);
  return [...inDatabase, ...bySettings].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}
