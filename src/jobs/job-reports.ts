import { existsSync } from 'node:fs';
import path from 'node:path';
import { createArtifact } from './create-artifact.ts';
import type { Artifact } from './job.ts';

export const REPORT = 'report.json';
export const ERRORS = 'errors.jsonl';
export const SKIPPED = 'skipped.jsonl';

/**
 * The folder with the reports of a job that leaves nothing else, because it failed over its data or was a dry run. Each job has
 * its own: other jobs may write to its output later.
 */
export function jobReportFolder(home: string, jobId: string): string {
  return path.join(home, 'reports', jobId);
}

/** The reports that a job has written to its folder. */
export async function listReports(home: string, jobId: string): Promise<Artifact[]> {
  const files = [REPORT, ERRORS, SKIPPED].map((name) => path.join(jobReportFolder(home, jobId), name));
  return Promise.all(files.filter(existsSync).map((file) => createArtifact(home, file)));
}
