import { resolveDataset } from '../resolve-dataset.ts';
import type { SubmissionContext } from '../submission-context.ts';
import type { EmbedRequest, EmbedSpec } from './embed-spec.ts';

/** What a worker on any machine can begin with. @throws PanelvecError naming the field */
export async function resolveEmbed(
  request: EmbedRequest,
  { dataRoots, getModel }: SubmissionContext,
): Promise<EmbedSpec> {
  const model = getModel(request.model).id;
  return { ...request, model, dataset: await resolveDataset(request.dataset, dataRoots) };
}
