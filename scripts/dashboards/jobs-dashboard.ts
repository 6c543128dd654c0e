import { type DashboardDescription, SELECTED } from './dashboard-description.ts';

/** Every instance shows the same database: the largest value is that of the latest scrape, never a sum. */
const shared = (metric: string, labels: string, matchers = '') =>
  `max by (${labels}) (${metric}{${SELECTED}${matchers && `, ${matchers}`}})`;

/** How far jobs are, and whether they can run. */
export const jobsDashboard: DashboardDescription = {
  id: 'panelvec-jobs',
  title: 'panelvec: jobs',
  description: 'Jobs, their tasks and workers, and what they depend on',
  rows: [
    {
      title: 'Jobs',
      panels: [
        {
          title: 'Jobs by state',
          description: 'Those that wait, run or are being cancelled',
          unit: 'short',
          queries: {
            '{{type}} {{state}}': shared('panelvec_jobs', 'type, state', 'state=~"queued|running|cancelling"'),
          },
        },
        {
          title: 'Failed jobs',
          description: 'All that have ever failed: a step is a job that failed then',
          unit: 'short',
          queries: { '{{type}}': shared('panelvec_jobs', 'type', 'state="failed"') },
        },
        {
          title: 'Progress',
          description: 'How much of its present phase has each running job done?',
          unit: 'percentunit',
          queries: { '{{type}} {{output}}': shared('panelvec_job_progress_ratio', 'job_id, type, output') },
          max: 1,
        },
        {
          title: 'Pages a second',
          description: 'Of each running job, by all its workers together',
          unit: 'ops',
          queries: { '{{type}} {{output}}': shared('panelvec_job_rate', 'job_id, type, output') },
          isStacked: true,
        },
        {
          title: 'Open tasks',
          description: 'Tasks that wait, and that workers have. Waiting tasks and none running: no worker is there',
          unit: 'short',
          queries: { '{{state}}': shared('panelvec_tasks', 'state') },
        },
        {
          title: 'Workers of services',
          description:
            'Those that run, and those that start when a task waits. `panelvec worker` elsewhere is not counted',
          unit: 'short',
          queries: { '{{instance}} {{state}}': `panelvec_workers{${SELECTED}}` },
        },
      ],
    },
    {
      title: 'Trainings',
      panels: [
        {
          title: 'Loss',
          description: 'NaN, or a steep rise: the training diverges',
          unit: 'short',
          queries: { '{{output}}': shared('panelvec_job_detail', 'job_id, output', 'name="loss"') },
        },
        {
          title: 'Panels a second of trainings',
          description: 'How fast do trainings take their steps?',
          unit: 'ops',
          queries: { '{{output}}': shared('panelvec_job_detail', 'job_id, output', 'name="panels_per_second"') },
        },
      ],
    },
    {
      title: 'What jobs depend on',
      panels: [
        {
          title: 'Databases',
          description: 'Does the database of jobs, and of collections, answer?',
          unit: 'bool_yes_no',
          queries: { '{{instance}} {{database}}': `panelvec_database_up{${SELECTED}}` },
          max: 1,
        },
        {
          title: 'Free disk of PANELVEC_HOME',
          description: 'Stores, models, caches and the embedded database are written there',
          unit: 'percentunit',
          queries: {
            '{{instance}}': `panelvec_home_free_bytes{${SELECTED}} / panelvec_home_size_bytes{${SELECTED}}`,
          },
          max: 1,
        },
      ],
    },
  ],
};
