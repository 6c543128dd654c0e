import { existsSync } from 'node:fs';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { PanelvecError } from '../../../errors.ts';
import type { Jobs } from '../../../jobs/jobs.ts';
import { trainingJobPaths } from '../../../jobs/train/training-job-paths.ts';
import { readHistory } from '../../../training/history/history-file.ts';
import type { DownsampledSeries } from '../../../training-report/downsampled-series.ts';
import { collectSeries } from '../../../training-report/history-series.ts';
import { withErrors } from '../../openapi-schemas.ts';
import { jobParamsSchema } from './job-schemas.ts';

const seriesSchema = z.record(z.string(), z.array(z.tuple([z.number(), z.number().nullable()])));
const historySchema = z
  .strictObject({
    object: z.literal('history'),
    steps: seriesSchema.describe(
      'By name, the values over the steps: [step, value]; null stands for one that is not finite. A long series is reduced to 500 intervals, of each of which its lowest and its highest value are kept.',
    ),
    epochs: seriesSchema.describe('By name, the values over the epochs'),
  })
  .meta({ id: 'History' });
export type HistoryResponse = z.infer<typeof historySchema>;

/** GET /v1/jobs/{id}/history: the losses of a training so far, also while it runs. */
export const historyRoute: FastifyPluginAsyncZod<{ readonly jobs: Pick<Jobs, 'get'>; readonly home: string }> = async (
  app,
  { jobs, home },
) => {
  app.get('/v1/jobs/:id/history', {
    config: { access: 'jobs' },
    schema: {
      summary: 'Show the history of a training',
      tags: ['jobs'],
      params: jobParamsSchema,
      response: withErrors({ 200: historySchema }),
    },
    handler: async ({ params }): Promise<HistoryResponse> => {
      const { type, spec } = await jobs.get(params.id);
      if (type !== 'train')
        throw new PanelvecError('not_found', `only trainings have a history, this job is "${type}"`);
      const { history } = trainingJobPaths(home, String(spec['output']));
      if (!existsSync(history)) throw new PanelvecError('not_found', 'the training has taken no step on this machine');
      const { step, epoch } = await collectSeries(readHistory(history));
      return { object: 'history', steps: toPoints(step), epochs: toPoints(epoch) };
    },
  });
};

function toPoints(series: ReadonlyMap<string, DownsampledSeries>): Record<string, [number, number | null][]> {
  return Object.fromEntries([...series].map(([name, values]) => [name, values.points().map(([x, y]) => [x, y])]));
}
