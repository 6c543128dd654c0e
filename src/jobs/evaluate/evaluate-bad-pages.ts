import { createReadStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { JobFailure } from '../job-failure.ts';
import type { TaskContext } from '../job-kind.ts';
import { createBadPagesFailure } from '../pages/bad-pages-failure.ts';
import { PageReport } from '../pages/page-report.ts';
import type { EvaluateSpec } from './evaluate-spec.ts';
import { countPartPages, indexFiles } from './evaluation-pages.ts';
import { type EvaluatedPage, readPartRecord } from './evaluation-part-record.ts';
import { type EvaluationPaths, evaluationPaths } from './evaluation-paths.ts';

/** Reports the pages that have been read so far for an evaluation. Its parts stay, so that another job can continue it. */
export async function reportBadEvaluationPages(spec: EvaluateSpec, context: TaskContext): Promise<JobFailure> {
  const paths = evaluationPaths(context.resources.home, spec.output);
  const parts = await countPartPages(spec, paths);
  const pages = parts.reduce((sum, { size }) => sum + size, 0);
  const report = new PageReport();
  for await (const { id, panel_count: panels, problem } of readPages(paths, parts.length))
    report.add({ id, panels, problem, skipped: [], notes: [] });
  const indexes = Object.values(indexFiles(spec, paths)).filter((files) => files !== undefined);
  const indexReports = indexes.map(async ({ indexReport }) => JSON.parse(await readFile(indexReport, 'utf8')));
  return createBadPagesFailure(context, {
    pages,
    maxBadPages: Math.floor(spec.max_bad_pages * pages),
    index: await Promise.all(indexReports),
    report,
    errors: errorLines(readPages(paths, parts.length)),
    skipped: skippedLines(indexes),
  });
}

/** Yields the pages of the parts that are finished. */
async function* readPages({ work }: EvaluationPaths, parts: number): AsyncGenerator<EvaluatedPage> {
  for (let part = 0; part < parts; part++) {
    if (existsSync(work.partRecord(part))) yield* (await readPartRecord(work.partRecord(part))).pages;
  }
}

async function* errorLines(pages: AsyncIterable<EvaluatedPage>): AsyncGenerator<string> {
  for await (const { id, problem } of pages) {
    if (problem) yield `${JSON.stringify({ canonical_id: id, ...problem })}\n`;
  }
}

async function* skippedLines(indexes: readonly { readonly skippedPages: string }[]): AsyncGenerator<string> {
  for (const { skippedPages } of indexes) yield* createReadStream(skippedPages, 'utf8');
}
