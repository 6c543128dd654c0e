import { z } from 'zod';
import { defineSetting, nonNegativeInteger, type Settings } from './setting.ts';

/** Which of jobs and collections there are, and who works for them. */
export const JOB_SETTINGS = {
  jobs: defineSetting(
    'PANELVEC_JOBS',
    z.enum(['on', 'off']),
    'on',
    'whether the service accepts and processes jobs: on or off',
  ),
  search: defineSetting(
    'PANELVEC_SEARCH',
    z.enum(['on', 'off']),
    'on',
    'whether the service keeps collections and searches them: on or off; their embedded database needs PANELVEC_JOBS=on',
  ),
  exampleCollection: defineSetting(
    'PANELVEC_EXAMPLE_COLLECTION',
    z.enum(['on', 'off']),
    'on',
    'whether a service without collections indexes the example pages when it starts: on or off',
  ),
  workers: defineSetting(
    'PANELVEC_WORKERS',
    nonNegativeInteger,
    1,
    'number of worker processes that the service starts',
  ),
  workerEngines: defineSetting(
    'PANELVEC_WORKER_ENGINES',
    z.enum(['shared', 'own']),
    'shared',
    'engines of those workers: shared with the service, or their own',
  ),
  workerIdleSeconds: defineSetting(
    'PANELVEC_WORKER_IDLE_SECONDS',
    z.coerce.number().min(0),
    60,
    'seconds without a task after which such a worker ends, until there is one again; 0 to keep workers',
  ),
} as const satisfies Settings;
