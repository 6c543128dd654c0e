import { resolveInRoots } from '../data-roots.ts';
import type { EmbedRequest, EmbedSpec } from './embed-spec.ts';

export interface SubmissionRules {
  readonly dataRoots: readonly string[];
  /** The id of a model that there is. @throws PanelvecError model_not_found */
  modelId(name: string | undefined): Promise<string>;
}

/** What a worker on any machine can begin with. @throws PanelvecError naming the field */
export async function resolveEmbed(request: EmbedRequest, { dataRoots, modelId }: SubmissionRules): Promise<EmbedSpec> {
  const { dataset } = request;
  const model = await modelId(request.model);
  const manifest = await resolveInRoots(dataset.manifest, 'file', dataRoots, 'dataset.manifest');
  const labels = await resolveInRoots(dataset.pss_labels, 'file', dataRoots, 'dataset.pss_labels');
  const root = await resolveInRoots(dataset.panels.root, 'folder', dataRoots, 'dataset.panels.root');
  return {
    ...request,
    model,
    dataset: { ...dataset, manifest, pss_labels: labels, panels: { ...dataset.panels, root } },
  };
}
