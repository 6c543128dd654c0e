import type { DefaultTheme } from 'vitepress';

/** The pages in four groups: to learn, to do something, to look something up, to understand. */
export const SIDEBAR: DefaultTheme.SidebarItem[] = [
  {
    text: 'Learn',
    items: [
      { text: 'First steps', link: '/' },
      { text: 'Tutorial: search your comics', link: '/docs/tutorial' },
    ],
  },
  {
    text: 'How to',
    items: [
      { text: 'Serve your own checkpoint', link: '/docs/how-to/own-checkpoint' },
      { text: 'Plug in your own encoder', link: '/docs/how-to/own-encoder' },
      { text: 'Train on your own comics', link: '/docs/how-to/train-on-own-comics' },
      { text: 'Hand vectors to Stage 4', link: '/docs/how-to/stage4' },
      { text: 'Run it in production', link: '/docs/how-to/production' },
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
      { text: 'Why the fusion is as it is', link: '/docs/fusion' },
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
