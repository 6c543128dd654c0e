import type { DefaultTheme } from 'vitepress';

/** The pages in four groups: to learn, to do something, to look something up, to understand. */
export const SIDEBAR: DefaultTheme.SidebarItem[] = [
  {
    text: 'Learn',
    items: [{ text: 'First steps', link: '/' }],
  },
  {
    text: 'How to',
    items: [
      { text: 'Call it from Python and TypeScript', link: '/docs/clients' },
      { text: 'Put a model into service', link: '/docs/promotion' },
      { text: 'Operate the service', link: '/docs/operating' },
      { text: 'Run it in Kubernetes', link: '/docs/kubernetes' },
      { text: 'When an alert fires', link: '/docs/runbooks' },
    ],
  },
  {
    text: 'Reference',
    items: [
      { text: 'The HTTP API', link: '/docs/api' },
      { text: 'Calls', link: '/docs/reference/calls' },
      { text: 'Commands', link: '/docs/reference/commands' },
      { text: 'Settings', link: '/docs/reference/settings' },
      { text: 'Metrics', link: '/docs/reference/metrics' },
      { text: 'Search', link: '/docs/search' },
      { text: 'Datasets and stores', link: '/docs/datasets' },
      { text: 'Models', link: '/docs/models' },
      { text: 'Training', link: '/docs/training' },
      { text: 'Evaluation', link: '/docs/evaluation' },
      { text: 'The page', link: '/docs/page' },
      { text: 'Keys and limits', link: '/docs/access' },
    ],
  },
  {
    text: 'Understand',
    items: [
      { text: 'The model card of compact', link: '/models/compact/' },
      { text: 'Architecture', link: '/docs/architecture' },
      { text: 'Security', link: '/docs/security' },
      { text: 'Benchmarks', link: '/docs/benchmarks' },
      { text: 'Decisions', link: '/docs/decisions/' },
    ],
  },
  {
    text: 'Project',
    items: [
      { text: 'Changelog', link: '/CHANGELOG' },
      { text: 'Releases', link: '/docs/releases' },
      { text: 'Contributing', link: '/CONTRIBUTING' },
      { text: 'Report a vulnerability', link: '/SECURITY' },
    ],
  },
];
