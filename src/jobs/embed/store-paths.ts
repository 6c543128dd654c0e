import path from 'node:path';
import { ERRORS, REPORT, SKIPPED } from '../job-reports.ts';
import { type ReportPaths, reportPathsInFolder } from '../pages/report-paths.ts';

const STORE = 'embeddings.zarr';
const METADATA = 'metadata.json';
const PANELS = 'panels.jsonl';
/** Stores of earlier versions lack it. */
const PAGES = 'pages.jsonl';
export const ARTIFACT_NAMES: readonly string[] = [STORE, METADATA, PANELS, PAGES, ERRORS, SKIPPED, REPORT];

/** The paths of an embed job's files. The folder `work` is removed when the store is finished. */
export interface StorePaths extends ReportPaths {
  readonly store: string;
  readonly metadata: string;
  readonly panels: string;
  readonly pages: string;
}

/** The folder of all stores of a home. */
export function storesFolder(home: string): string {
  return path.join(home, 'stores');
}

export function getStorePaths(home: string, output: string): StorePaths {
  const folder = path.join(storesFolder(home), output);
  return {
    ...reportPathsInFolder(folder),
    store: path.join(folder, STORE),
    metadata: path.join(folder, METADATA),
    panels: path.join(folder, PANELS),
    pages: path.join(folder, PAGES),
  };
}
