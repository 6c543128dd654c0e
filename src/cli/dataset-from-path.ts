import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { MANY_PAGE_FORMATS, type PanelFormat } from '../datasets/dataset-spec.ts';

export interface DatasetFlags {
  readonly panels?: string;
  readonly limit?: number;
  readonly allPages: boolean;
}

/** The formats of files that a folder may have, in the order in which they are looked for. */
export const FOLDER_FORMATS = ['vlm', 'ocr', 'kumiko', 'coco', 'magi', 'mokuro'] as const satisfies PanelFormat[];

/**
 * The dataset of a job's spec for a folder with manifest.csv, pss_labels.json and panel files. Without a manifest it is a folder of
 * images and CBZ files, which may have labels and panel files all the same, or one CBZ file.
 */
export function datasetFromPath(target: string, { panels, limit, allPages }: DatasetFlags): object {
  const root = path.resolve(target);
  const manifest = path.join(root, 'manifest.csv');
  const labels = path.join(root, 'pss_labels.json');
  // For a folder that does not exist, the error then names what a folder usually has.
  const hasManifest = existsSync(manifest) || !existsSync(root);
  const needsLabels = hasManifest && !allPages;
  const formats = panels === undefined ? FOLDER_FORMATS : [panels];
  const found = formats.flatMap((format) => findPanelFiles(root, format, hasManifest))[0];
  const format = panels ?? (hasManifest ? 'vlm' : undefined);
  const expected = format === undefined ? undefined : { format, root: path.join(root, format) };
  const panelsSpec = found ?? expected;
  return {
    ...(hasManifest ? { manifest } : { pages: root }),
    ...((needsLabels || existsSync(labels)) && { pss_labels: labels }),
    ...(panelsSpec !== undefined && { panels: panelsSpec }),
    ...(limit !== undefined && { limit }),
    ...(allPages && { only_narrative: false }),
  };
}

/**
 * The folders that a command may read: those of jobs, and all others of its caller, who may read them without it too. The service
 * reads for others.
 */
export function foldersOfCaller(dataRoots: readonly string[], target: string): string[] {
  return [...dataRoots, ...[target, process.cwd()].map((file) => path.parse(path.resolve(file)).root)];
}

/** Finds panel files of a format: in a folder of its name, in a JSON file for many pages, or in volumes of mokuro beside the books. */
function findPanelFiles(root: string, format: string, hasManifest: boolean): { format: string; root: string }[] {
  const folder = path.join(root, format);
  const file = `${folder}.json`;
  const candidates: string[] = [];
  // Among books, a folder of another tool's name could be a book.
  if (isFolder(folder) && (hasManifest || format === 'vlm' || format === 'ocr')) candidates.push(folder);
  if (existsSync(file) && MANY_PAGE_FORMATS.has(format)) candidates.push(file);
  if (format === 'mokuro' && isFolder(root) && readdirSync(root).some((name) => name.endsWith('.mokuro'))) {
    candidates.push(root);
  }
  return candidates.map((candidate) => ({ format, root: candidate }));
}

function isFolder(file: string): boolean {
  return existsSync(file) && statSync(file).isDirectory();
}
