import { readFile } from 'node:fs/promises';
import type { PageEntry } from '../../datasets/index-pages.ts';
import type { EvaluationResult } from '../../evaluation/evaluation-result.ts';
import { evaluationMarkdown } from '../../evaluation-report/evaluation-markdown.ts';
import { evaluationReport } from '../../evaluation-report/evaluation-report.ts';
import { sheetPanels } from '../../evaluation-report/panel-pictures.ts';
import { writeFileAtomic } from '../../files/atomic-write.ts';
import { panelThumbnails, type Thumbnail } from '../../preprocess/image/panel-thumbnails.ts';
import { elementAt } from '../../util/arrays.ts';
import type { TaskContext } from '../job-kind.ts';
import { readPage, toPageProblem } from '../pages/read-page.ts';
import type { EvaluateSpec } from './evaluate-spec.ts';
import { countPartPages, readEvaluationPages } from './evaluation-pages.ts';
import type { EvaluationPaths } from './evaluation-paths.ts';
import { panelId } from './evaluation-split.ts';

/** Writes the report and the table of a result that is measured. */
export async function writeEvaluationReport(
  spec: EvaluateSpec,
  paths: EvaluationPaths,
  context: TaskContext,
): Promise<void> {
  const result: EvaluationResult = JSON.parse(await readFile(paths.work.result, 'utf8'));
  const shown = sheetPanels(result);
  const pages = new Set(result.panels.filter(({ id }) => shown.has(id)).map(({ page }) => page));
  const pictures = new Map<string, Thumbnail>();
  for (const part of (await countPartPages(spec, paths)).keys()) {
    for (const entry of (await readEvaluationPages(spec, part, paths)).entries) {
      if (!pages.has(entry.canonicalId)) continue;
      for (const [id, picture] of await readPagePictures(spec, entry, shown, context)) pictures.set(id, picture);
    }
  }
  const html = evaluationReport(result, { title: `Evaluation ${spec.output}`, pictures });
  await writeFileAtomic(paths.report, html, paths.work.scratch);
  await writeFileAtomic(paths.table, evaluationMarkdown(result), paths.work.scratch);
}

/** Small pictures of some panels of a page. If it cannot be read any more, the report names them. */
async function readPagePictures(
  { dataset }: EvaluateSpec,
  entry: PageEntry,
  ids: ReadonlySet<string>,
  { resources, signal }: TaskContext,
): Promise<[string, Thumbnail][]> {
  try {
    const { image, panels } = await readPage(entry, dataset, resources);
    const shown = panels.filter(({ index }) => ids.has(panelId(entry.canonicalId, index)));
    const crops = shown.map(({ crop }) => crop);
    const options = { isParallel: false, assertWanted: () => signal.throwIfAborted() };
    const pictures = await resources.decodeLimit(() => panelThumbnails(image, crops, options));
    return shown.map(({ index }, i) => [panelId(entry.canonicalId, index), elementAt(pictures, i)]);
  } catch (error) {
    if (toPageProblem(error) === undefined) throw error;
    return [];
  }
}
