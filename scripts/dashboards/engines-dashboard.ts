import { type DashboardDescription, quantiles, rate, SELECTED } from './dashboard-description.ts';

/** Whether the engines are well, and how busy they are. */
export const enginesDashboard: DashboardDescription = {
  id: 'panelvec-engines',
  title: 'panelvec: engines',
  description: 'The processes that run the models: how busy they are, what they hold, and how they end',
  rows: [
    {
      title: 'Work',
      panels: [
        {
          title: 'Busy share',
          description: 'How much of their time do engines compute? Near 100 % the service is at its limit',
          unit: 'percentunit',
          queries: {
            '{{instance}}': `sum by (instance) (${rate('panelvec_stage_duration_seconds_sum', 'stage="inference"')}) / sum by (instance) (panelvec_engine_up{${SELECTED}})`,
          },
        },
        {
          title: 'Panels computed',
          description:
            'For requests, and for jobs that share the engines. A panel with several views counts once for each run',
          unit: 'ops',
          queries: { '{{instance}}': rate('panelvec_batch_items_sum') },
          isStacked: true,
        },
        {
          title: 'Panels of a batch',
          description: 'Near PANELVEC_MAX_BATCH the service is saturated',
          unit: 'short',
          queries: {
            mean: `sum(${rate('panelvec_batch_items_sum')}) / sum(${rate('panelvec_batch_items_count')})`,
            ...quantiles('panelvec_batch_items'),
          },
        },
        {
          title: 'Wait for an engine',
          description: 'Of each panel, also of jobs',
          unit: 's',
          queries: quantiles('panelvec_stage_duration_seconds', { matchers: 'stage="queue"' }),
        },
        {
          title: 'Time of a batch',
          description: 'If it grows while batches do not, something else uses the cores or the GPU',
          unit: 's',
          queries: quantiles('panelvec_stage_duration_seconds', { matchers: 'stage="inference"' }),
        },
        {
          title: 'Work rate',
          description:
            'Seconds of work of engines and decoders that the service does in a second, as admission estimates it',
          unit: 'short',
          queries: { '{{instance}}': `panelvec_work_rate{${SELECTED}}` },
        },
      ],
    },
    {
      title: 'Health',
      panels: [
        {
          title: 'Warm engines',
          description: 'By the provider that really runs',
          unit: 'short',
          queries: { '{{model}} {{provider}}': `sum by (model, provider) (panelvec_engine_up{${SELECTED}})` },
        },
        {
          title: 'Memory of engines',
          description: 'After the last batch. An engine that reaches PANELVEC_MAX_ENGINE_BYTES is replaced',
          unit: 'bytes',
          queries: { '{{instance}} {{model}} {{device}}.{{engine}}': `panelvec_engine_resident_bytes{${SELECTED}}` },
        },
        {
          title: 'Engines that ended',
          description: 'In five minutes, those replaced for their memory among them',
          unit: 'short',
          queries: {
            '{{model}} ended': `sum by (model) (increase(panelvec_engine_restarts_total{${SELECTED}}[5m]))`,
            '{{model}} replaced': `sum by (model) (increase(panelvec_engine_replacements_total{${SELECTED}}[5m]))`,
          },
        },
        {
          title: 'Halved batches',
          description: 'In five minutes: batches that did not fit into memory, that of a GPU too',
          unit: 'short',
          queries: { '{{model}}': `sum by (model) (increase(panelvec_engine_halvings_total{${SELECTED}}[5m]))` },
        },
        {
          title: 'Poisoned panels',
          description: 'In five minutes: panels refused because they ended their engine',
          unit: 'short',
          queries: { '{{model}}': `sum by (model) (increase(panelvec_poisoned_total{${SELECTED}}[5m]))` },
        },
      ],
    },
  ],
};
