import { z } from 'zod';
import { type Dataset, datasetSchema } from '../../datasets/dataset-spec.ts';
import { outputNameSchema } from '../output-name.ts';
import { maxBadPagesSchema } from '../submission.ts';

/** Puts the panels of a dataset, or of a store, into a collection that is searched. */
export const indexSpecSchema = z.strictObject({
  type: z.literal('index'),
  output: outputNameSchema.describe(
    'Name of the collection. It takes the place of one of the same name when it is ready',
  ),
  dataset: datasetSchema.optional().describe('The panels to embed; either this or `store`'),
  store: outputNameSchema.optional().describe('The output of a finished `embed` job, in place of `dataset`'),
  model: z
    .string()
    .optional()
    .describe(
      '`name` or `name@version`, for `dataset`; the model of the alias `default` without it. A store has its own',
    ),
  max_bad_pages: maxBadPagesSchema,
});

export type IndexRequest = z.output<typeof indexSpecSchema>;

/** A resolved request: either a dataset with absolute paths and the id of a model, or a store. */
export type IndexSpec = Omit<IndexRequest, 'dataset' | 'store' | 'model'> & (DatasetSource | StoreSource);

// Not interfaces, which could not be stored as any JSON is.
export type DatasetSource = { readonly dataset: Dataset; readonly model: string; readonly store?: undefined };
export type StoreSource = { readonly store: string; readonly dataset?: undefined; readonly model?: undefined };
