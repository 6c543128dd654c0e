import { existsSync } from 'node:fs';
import path from 'node:path';

export interface DatasetFlags {
  readonly panels?: string;
  readonly limit?: number;
  readonly allPages: boolean;
}

const PANEL_FOLDERS = ['vlm', 'ocr'] as const;

/**
 * The dataset of a job's spec for a folder with manifest.csv, pss_labels.json and vlm/ or ocr/. Without a manifest it is a folder
 * of images and CBZ files, which may have labels and panel files all the same, or one CBZ file.
 */
export function datasetFromPath(target: string, { panels, limit, allPages }: DatasetFlags): object {
  const root = path.resolve(target);
  const manifest = path.join(root, 'manifest.csv');
  const labels = path.join(root, 'pss_labels.json');
  // For a folder that does not exist, the error then names what a folder usually has.
  const hasManifest = existsSync(manifest) || !existsSync(root);
  const format =
    panels ?? PANEL_FOLDERS.find((name) => existsSync(path.join(root, name))) ?? (hasManifest ? 'vlm' : null);
  return {
    ...(hasManifest ? { manifest } : { pages: root }),
    ...((hasManifest || existsSync(labels)) && { pss_labels: labels }),
    ...(format !== null && { panels: { format, root: path.join(root, format) } }),
    ...(limit !== undefined && { limit }),
    ...(allPages && { only_narrative: false }),
  };
}
