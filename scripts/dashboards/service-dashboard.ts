import { type DashboardDescription, quantile, quantiles, rate, SELECTED } from './dashboard-description.ts';

const REQUESTS = 'panelvec_http_request_duration_seconds';
const WORK_ROUTES = 'route=~"/v1/embeddings.*|/v1/zero-shot|/v1/search|/v2/models/.*/infer"';

/** What callers notice: traffic, errors, waits and refusals; and the process that answers them. */
export const serviceDashboard: DashboardDescription = {
  id: 'panelvec-service',
  title: 'panelvec: service',
  description: 'Traffic, errors, latency and overload, as callers notice them',
  rows: [
    {
      title: 'Traffic',
      panels: [
        {
          title: 'Ready',
          description: 'Does each instance take requests? As /health/ready says',
          unit: 'bool_yes_no',
          queries: { '{{instance}}': `panelvec_ready{${SELECTED}}` },
          max: 1,
        },
        {
          title: 'Requests by route',
          description: 'How much traffic is there, and for what?',
          unit: 'reqps',
          queries: { '{{route}}': `sum by (route) (${rate(`${REQUESTS}_count`)})` },
          isStacked: true,
        },
        {
          title: 'Responses by status',
          description:
            '4xx: callers are wrong. 429: the service is full, or a key is at its limit. 5xx: the service is wrong. 499: the client went away',
          unit: 'reqps',
          queries: { '{{status}}': `sum by (status) (${rate(`${REQUESTS}_count`)})` },
          isStacked: true,
        },
        {
          title: 'Errors by code',
          description: 'What is wrong? docs/api.md explains the codes',
          unit: 'reqps',
          queries: { '{{code}}': `sum by (code) (${rate('panelvec_errors_total')})` },
          isStacked: true,
        },
        {
          title: 'Requests without a response',
          description: 'What ended them before: the client, a time-out, a shutdown?',
          unit: 'reqps',
          queries: { '{{reason}}': `sum by (reason) (${rate('panelvec_requests_aborted_total')})` },
        },
        {
          title: 'Panels by modality',
          description: 'How many panels do requests ask for?',
          unit: 'ops',
          queries: { '{{modalities}}': `sum by (modalities) (${rate('panelvec_items_total')})` },
          isStacked: true,
        },
      ],
    },
    {
      title: 'Latency',
      panels: [
        {
          title: 'Latency of embeddings and searches',
          description: 'How long does a request take, from its first byte to its response?',
          unit: 's',
          queries: quantiles(REQUESTS, { matchers: WORK_ROUTES }),
        },
        {
          title: 'Latency by route',
          description: '95th percentile: which calls are slow?',
          unit: 's',
          queries: { '{{route}}': quantile(0.95, REQUESTS, { by: 'route', matchers: WORK_ROUTES }) },
        },
        {
          title: 'Time by stage',
          description:
            '95th percentile. Decode: images are large. Queue: more engines are needed. Inference: something else uses the cores',
          unit: 's',
          queries: { '{{stage}}': quantile(0.95, 'panelvec_stage_duration_seconds', { by: 'stage' }) },
        },
        {
          title: 'Searches by phase',
          description: '95th percentile: do searches wait for the model, or for the database?',
          unit: 's',
          queries: { '{{phase}}': quantile(0.95, 'panelvec_search_phase_duration_seconds', { by: 'phase' }) },
        },
      ],
    },
    {
      title: 'Overload',
      panels: [
        {
          title: 'Expected wait',
          description: 'How long would a request wait now? Over PANELVEC_MAX_WAIT_SECONDS it is refused',
          unit: 's',
          queries: { '{{priority}}': `max by (priority) (panelvec_expected_wait_seconds{${SELECTED}})` },
        },
        {
          title: 'Refused requests',
          description:
            'Which limit refuses them with 429: the wait, a deadline, panels, texts, bytes, or a limit of their key?',
          unit: 'reqps',
          queries: {
            '{{reason}}': `sum by (reason) (${rate('panelvec_refused_total')})`,
            'key: {{reason}}': `sum by (reason) (${rate('panelvec_limited_total')})`,
          },
          isStacked: true,
        },
        {
          title: 'Retry-After',
          description: 'When are refused callers told to come back? It grows with the overload',
          unit: 's',
          queries: quantiles('panelvec_retry_after_seconds'),
        },
        {
          title: 'Deadlines that passed',
          description: 'While requests were received, or worked on: work that nobody waits for any more',
          unit: 'reqps',
          queries: { '{{phase}}': `sum by (phase) (${rate('panelvec_deadline_exceeded_total')})` },
        },
        {
          title: 'Work in progress',
          description: 'Panels that wait for an engine, and panels and texts that are accepted and not answered',
          unit: 'short',
          queries: {
            'waiting for an engine': `sum(panelvec_queue_items{${SELECTED}})`,
            'panels in work': `sum(panelvec_items_in_work{${SELECTED}})`,
            'texts in work': `sum(panelvec_texts_in_work{${SELECTED}})`,
          },
        },
        {
          title: 'Connections',
          description: 'Open ones, and those closed at once because there were too many',
          unit: 'short',
          queries: {
            '{{instance}}': `panelvec_connections{${SELECTED}}`,
            '{{instance}} closed in a second': rate('panelvec_connections_dropped_total'),
          },
        },
      ],
    },
    {
      title: 'Process',
      panels: [
        {
          title: 'Event loop delay',
          description: 'How late is the thread that answers requests? Over 0.1 s it harms all of them',
          unit: 's',
          queries: { 'p{{percentile}}': `max by (percentile) (panelvec_event_loop_delay_seconds{${SELECTED}})` },
        },
        {
          title: 'Cache hits',
          description: 'Pictures and texts whose features were in memory',
          unit: 'percentunit',
          queries: {
            hits: [
              `sum(${rate('panelvec_feature_memory_hits_total')}) / (`,
              `sum(${rate('panelvec_feature_memory_hits_total')}) + sum(${rate('panelvec_feature_memory_misses_total')}))`,
            ].join(''),
          },
          max: 1,
        },
        {
          title: 'Memory of the api',
          description: 'Resident memory of the process that answers requests, and what cached features take of it',
          unit: 'bytes',
          queries: {
            '{{instance}}': `process_resident_memory_bytes{${SELECTED}}`,
            '{{instance}} features': `panelvec_feature_memory_bytes{${SELECTED}}`,
          },
        },
        {
          title: 'Cores of the api',
          description: 'Decoding images takes most of them',
          unit: 'short',
          queries: { '{{instance}}': rate('process_cpu_seconds_total') },
        },
      ],
    },
  ],
};
