import { z } from 'zod';
import { datasetSchema } from '../../datasets/dataset-spec.ts';
import { outputNameSchema } from '../output-name.ts';
import { maxBadPagesSchema, resolveDataset, type SubmissionContext } from '../submission.ts';

/**
 * How a page without panels is stored. Sequence models attend to the panels whose mask is true; the softmax over a page whose
 * masks are all false is NaN.
 */
export const EMPTY_PAGES = ['zero_vector', 'masked'] as const;

/** Embeds every panel of a dataset into a store that sequence models read. */
export const embedSpecSchema = z.strictObject({
  type: z.literal('embed'),
  model: z.string().optional().describe('`name` or `name@version`; the model of the alias `default` without it'),
  output: outputNameSchema.describe('Name of the store, in the folder stores of PANELVEC_HOME'),
  dataset: datasetSchema,
  empty_pages: z
    .enum(EMPTY_PAGES)
    .default('zero_vector')
    .describe(
      'Pages without panels, or unreadable: `zero_vector` sets their first mask to true, over a vector of zeros, as the original does; `masked` sets none.',
    ),
  max_bad_pages: maxBadPagesSchema,
  dry_run: z
    .boolean()
    .default(false)
    .describe(
      'Only check the dataset: read all files, decode no pixel, and report what would be embedded. Writes no store.',
    ),
});

export type EmbedRequest = z.output<typeof embedSpecSchema>;
/** A resolved request: the model is an id, and paths are absolute. */
export type EmbedSpec = EmbedRequest & { readonly model: string };

/** Resolves the model and the paths of a request. @throws PanelvecError naming the field */
export async function resolveEmbed(
  request: EmbedRequest,
  { dataRoots, getModel }: SubmissionContext,
): Promise<EmbedSpec> {
  const model = getModel(request.model).id;
  return { ...request, model, dataset: await resolveDataset(request.dataset, dataRoots) };
}
