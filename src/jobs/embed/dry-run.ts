import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { PanelvecError } from '../../errors.ts';
import { writeFileAtomic } from '../../files/atomic-write.ts';
import { removeIfFree } from '../../files/files-in-use.ts';
import { waitForAll } from '../../util/wait-for-all.ts';
import { chunkSizes, PAGES_PER_CHUNK } from '../../zarr/store-shape.ts';
import type { Artifact } from '../job.ts';
import type { JobKind, JobPlan, PartResult, TaskContext } from '../job-kind.ts';
import { listReports } from '../job-reports.ts';
import { readPartPages, writePageIndex } from '../pages/page-index-file.ts';
import { readPartRecord, writePartRecord } from '../pages/part-record.ts';
import { getReportPaths } from '../pages/report-paths.ts';
import { writePageReports } from '../pages/write-page-reports.ts';
import { type CheckContext, checkPage } from './check-page.ts';
import { ASSUMED_RATE, describeCheck } from './describe-check.ts';
import type { EmbedSpec } from './embed-spec.ts';

/** An embed job that only checks its dataset: it reads all files, but decodes no pixel, and makes reports in place of a store. */
export const EMBED_DRY_RUN: JobKind<EmbedSpec> = {
  phases: { plan: 'indexing', part: 'checking', finish: 'finishing' },
  plan: planDryRun,
  part: checkPart,
  finish: finishDryRun,
  reportBadPages: () => {
    throw new PanelvecError('internal', 'a dry run does not fail over bad pages');
  },
};

async function planDryRun(spec: EmbedSpec, context: TaskContext): Promise<JobPlan> {
  const { folder, work } = getReportPaths(context.resources.home, context.jobId);
  await mkdir(work.scratch, { recursive: true });
  await mkdir(path.dirname(work.partRecord(0)), { recursive: true });
  const index = await writePageIndex(work, spec.dataset, PAGES_PER_CHUNK, context).catch(async (error: unknown) => {
    // Not after an interruption: another worker may be using the folder.
    if (error instanceof PanelvecError) await rm(folder, { recursive: true, force: true });
    throw error;
  });
  await index.commit();
  return { partSizes: chunkSizes(index), maxBadPages: index.pages };
}

async function checkPart(spec: EmbedSpec, part: number, context: TaskContext): Promise<PartResult> {
  const { resources, jobId, signal, reportProgress } = context;
  const paths = getReportPaths(resources.home, jobId);
  const { entries } = await readPartPages(paths.work, part);
  if ((await readPartRecord(paths, part)) === undefined) {
    const { tokenizer } = await resources.loadModel(spec.model);
    const checkContext: CheckContext = { dataset: spec.dataset, limits: resources, tokenizer };
    let done = 0;
    const pagePromises = entries.map((entry) =>
      resources.pageLimit(async () => {
        signal.throwIfAborted();
        const page = await checkPage(entry, checkContext);
        reportProgress(++done);
        return page;
      }),
    );
    await writePartRecord(paths, part, jobId, await waitForAll(pagePromises));
  }
  return { done: entries.length, badPages: 0 };
}

async function finishDryRun(spec: EmbedSpec, context: TaskContext): Promise<readonly Artifact[]> {
  const { resources, jobId, findRate } = context;
  const paths = getReportPaths(resources.home, jobId);
  if (!existsSync(paths.report)) {
    const { index, totals } = await writePageReports(paths);
    const { model } = await resources.loadModel(spec.model);
    const check = describeCheck(index, totals, {
      dataset: spec.dataset,
      maxBadPages: spec.max_bad_pages,
      model,
      rate: (await findRate(spec.model)) ?? ASSUMED_RATE,
    });
    await writeFileAtomic(paths.report, `${JSON.stringify(check, undefined, 2)}\n`, paths.work.scratch);
  }
  await removeIfFree(paths.work.folder);
  return listReports(resources.home, jobId);
}
