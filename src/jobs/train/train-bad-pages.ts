import { createReadStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { TrainingPartFile } from '../../training/data/training-part-file.ts';
import type { JobFailure } from '../job-failure.ts';
import type { TaskContext } from '../job-kind.ts';
import { createBadPagesFailure } from '../pages/bad-pages-failure.ts';
import { type PageIndexFiles, readPartTable } from '../pages/page-index-file.ts';
import { type PageOutcome, PageReport } from '../pages/page-report.ts';
import type { UnreadableEntry } from './train-part-step.ts';
import { partSizes } from './train-plan-step.ts';
import type { TrainSpec } from './train-spec.ts';
import { type TrainingJobPaths, trainingJobPaths } from './training-job-paths.ts';

/** Reports the pages that have been read so far for a training. Its parts stay, so that another job can continue it. */
export async function reportBadTrainingPages(spec: TrainSpec, context: TaskContext): Promise<JobFailure> {
  const paths = trainingJobPaths(context.resources.home, spec.output);
  const { training, validation } = paths.work;
  const indexes = [training, ...(spec.dataset.val_pss_labels === null ? [] : [validation])];
  const pageCounts = await Promise.all(indexes.map(async (index) => (await readPartTable(index)).pages));
  const pages = pageCounts.reduce((sum, count) => sum + count, 0);
  const parts = pageCounts.flatMap(partSizes).length;
  const report = new PageReport();
  for await (const outcome of readOutcomes(paths, parts)) report.add(outcome);
  return createBadPagesFailure(context, {
    pages,
    maxBadPages: Math.floor(spec.max_bad_pages * pages),
    index: await readIndexReports(indexes),
    report,
    errors: errorLines(readOutcomes(paths, parts)),
    skipped: skippedLines(indexes),
  });
}

/** Yields the pages of the parts that are written: first those that were read, then those that could not be. */
async function* readOutcomes({ work }: TrainingJobPaths, parts: number): AsyncGenerator<PageOutcome> {
  for (let part = 0; part < parts; part++) {
    if (!existsSync(work.part(part))) continue;
    await using file = await TrainingPartFile.open(work.part(part));
    for (const { id, rows } of file.pages) yield { id, panels: rows, problem: null, skipped: [], notes: [] };
    const unreadable: UnreadableEntry[] = JSON.parse(await readFile(work.partProblems(part), 'utf8'));
    for (const { id, problem } of unreadable) yield { id, panels: 0, problem, skipped: [], notes: [] };
  }
}

async function* errorLines(outcomes: AsyncIterable<PageOutcome>): AsyncGenerator<string> {
  for await (const { id, problem } of outcomes) {
    if (problem) yield `${JSON.stringify({ canonical_id: id, ...problem })}\n`;
  }
}

async function* skippedLines(indexes: readonly PageIndexFiles[]): AsyncGenerator<string> {
  for (const { skippedPages } of indexes) yield* createReadStream(skippedPages, 'utf8');
}

async function readIndexReports(indexes: readonly PageIndexFiles[]): Promise<object> {
  const reports = indexes.map(async ({ indexReport }) => JSON.parse(await readFile(indexReport, 'utf8')));
  const [training, validation] = await Promise.all(reports);
  return validation === undefined ? training : { training, validation };
}
