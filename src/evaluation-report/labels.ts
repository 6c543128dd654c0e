import type { CollapseVerdict, ContenderKind } from '../evaluation/evaluation-result.ts';

/** What a kind of contender is, for people. */
export const KIND_LABELS: Readonly<Record<ContenderKind, string>> = {
  model: 'model as it is',
  training: 'trained here',
  v1: 'first version',
  reference: 'original fusion',
  raw: 'raw features',
};

/** What the report calls the checked views. */
export const VIEW_LABELS = { stored: 'stored vectors', picture: 'pictures alone' } as const;

export const VERDICT_LABELS: Readonly<Record<CollapseVerdict, string>> = {
  collapsed: 'collapsed',
  similar: 'similar',
  weakly_aligned: 'weakly aligned',
  healthy: 'healthy',
};
