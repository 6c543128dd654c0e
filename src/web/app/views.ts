import type { ComponentType } from 'preact';
import type { Route } from './route.ts';

export type View = ComponentType<{ readonly route: Route }>;

interface ViewEntry {
  readonly name: string;
  readonly title: string;
  readonly load: () => Promise<View>;
}

/** The views in the order of the navigation. Each is loaded when somebody opens it; the first is the start page. */
export const VIEWS: readonly ViewEntry[] = [
  { name: 'search', title: 'Search', load: async () => (await import('../views/search/search-view.tsx')).SearchView },
  { name: 'try', title: 'Try', load: async () => (await import('../views/try/try-view.tsx')).TryView },
  { name: 'map', title: 'Map', load: async () => (await import('../views/map/map-view.tsx')).MapView },
  { name: 'jobs', title: 'Jobs', load: async () => (await import('../views/jobs/jobs-view.tsx')).JobsView },
  { name: 'models', title: 'Models', load: async () => (await import('../views/models/models-view.tsx')).ModelsView },
  { name: 'health', title: 'Health', load: async () => (await import('../views/health/health-view.tsx')).HealthView },
];

/** The view of a name; undefined where there is none. An empty name is the start page. */
export function findView(name: string): ViewEntry | undefined {
  return name === '' ? VIEWS[0] : VIEWS.find((view) => view.name === name);
}
