import path from 'node:path';
import { getReportPaths, type ReportPaths } from '../pages/report-paths.ts';

/** The paths of an index job's files: reports, and what it works with until it ends. */
export interface IndexPaths extends ReportPaths {
  /** Where the lines of each chunk are in the files of a store, as JSON */
  readonly storeOffsets: string;
}

export function getIndexPaths(home: string, jobId: string): IndexPaths {
  const paths = getReportPaths(home, jobId);
  return { ...paths, storeOffsets: path.join(paths.work.folder, 'store-offsets.json') };
}
