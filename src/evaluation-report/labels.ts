import type { CollapseVerdict, ContenderKind } from '../evaluation/evaluation-result.ts';

/** What a kind of contender is, for people. */
export const KIND_LABELS: Readonly<Record<ContenderKind, string>> = {
  model: 'model as it is',
  training: 'trained here',
  v1: 'first version',
  reference: 'original fusion',
  raw: 'raw features',
};

/** The views that are clustered and checked for layout and collapse. */
export const VIEW_LABELS = { stored: 'stored vectors', picture: 'pictures alone' } as const;
export const CHECKED_VIEWS = ['stored', 'picture'] as const;
export type CheckedView = (typeof CHECKED_VIEWS)[number];

export const VERDICT_LABELS: Readonly<Record<CollapseVerdict, string>> = {
  collapsed: 'collapsed',
  similar: 'similar',
  weakly_aligned: 'weakly aligned',
  healthy: 'healthy',
};
