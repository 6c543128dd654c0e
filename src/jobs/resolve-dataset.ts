import type { Dataset } from '../datasets/dataset-spec.ts';
import { resolveInRoots } from './data-roots.ts';

/** The same dataset with absolute paths. @throws PanelvecError naming the field, where there is nothing inside the roots */
export async function resolveDataset<D extends Dataset>(dataset: D, dataRoots: readonly string[]): Promise<D> {
  const { panels } = dataset;
  return {
    ...dataset,
    manifest: await resolveInRoots(dataset.manifest, 'file', dataRoots, 'dataset.manifest'),
    pss_labels: await resolveInRoots(dataset.pss_labels, 'file', dataRoots, 'dataset.pss_labels'),
    panels: { ...panels, root: await resolveInRoots(panels.root, 'folder', dataRoots, 'dataset.panels.root') },
  };
}
