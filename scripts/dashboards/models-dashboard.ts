import { type DashboardDescription, quantile, rate, SELECTED } from './dashboard-description.ts';

/** What is served under which name, and whether it computes what it should. */
export const modelsDashboard: DashboardDescription = {
  id: 'panelvec-models',
  title: 'panelvec: models',
  description: 'Models and their versions: what they compute, canaries, loads and drift',
  rows: [
    {
      title: 'Versions',
      panels: [
        {
          title: 'Served models',
          description: 'On how many instances is each model served? Two spaces of one alias do not compare',
          unit: 'short',
          queries: {
            '{{model}}, space {{space}}, {{dimensions}} numbers': `count by (model, space, dimensions) (panelvec_model_info{${SELECTED}})`,
          },
        },
        {
          title: 'Panels by outcome',
          description: 'Vectors (ok), vectors that are not finite, errors, or given up by the client',
          unit: 'ops',
          queries: { '{{model}} {{outcome}}': `sum by (model, outcome) (${rate('panelvec_model_panels_total')})` },
        },
        {
          title: 'Requests by outcome',
          description: 'Without those that callers got wrong',
          unit: 'reqps',
          queries: { '{{model}} {{outcome}}': `sum by (model, outcome) (${rate('panelvec_model_requests_total')})` },
        },
        {
          title: 'Time of a panel',
          description: '95th percentile from the queue to the vector, to compare versions',
          unit: 's',
          queries: { '{{model}}': quantile(0.95, 'panelvec_model_panel_duration_seconds', { by: 'model' }) },
        },
      ],
    },
    {
      title: 'Promotion',
      panels: [
        {
          title: 'Share of canaries',
          description: 'Which share of the requests does a canary take?',
          unit: 'percentunit',
          queries: { '{{alias}} {{model}}': `max by (alias, model) (panelvec_canary_share{${SELECTED}})` },
          max: 1,
        },
        {
          title: 'Canaries that were ended',
          description: 'In the last hour, because they did worse than the active model',
          unit: 'short',
          queries: {
            '{{alias}} {{reason}}': `sum by (alias, reason) (increase(panelvec_canary_ended_total{${SELECTED}}[1h]))`,
          },
        },
        {
          title: 'Aliases in sync',
          description: 'No: an instance serves an earlier model than was chosen, for it cannot load that one',
          unit: 'bool_yes_no',
          queries: { '{{instance}} {{alias}}': `panelvec_alias_in_sync{${SELECTED}}` },
          max: 1,
        },
      ],
    },
    {
      title: 'Memory and drift',
      panels: [
        {
          title: 'Loads and evictions',
          description: 'In five minutes. Many of both: models push each other out of PANELVEC_MODELS_MEMORY_BYTES',
          unit: 'short',
          queries: {
            '{{model}} loaded': `sum by (model) (increase(panelvec_model_loads_total{${SELECTED}}[5m]))`,
            '{{model}} evicted': `sum by (model) (increase(panelvec_model_evictions_total{${SELECTED}}[5m]))`,
          },
        },
        {
          title: 'Cosine to golden panels',
          description:
            'Does each engine compute what it should? Below 0.999 it is replaced; -1: its numbers are not finite, or there are none',
          unit: 'none',
          queries: { '{{instance}} {{model}} {{device}}.{{engine}}': `panelvec_golden_cosine{${SELECTED}}` },
          max: 1,
        },
      ],
    },
  ],
};
