import type { Dataset } from '../../datasets/dataset-spec.ts';
import type { PageEntry } from '../../datasets/index-pages.ts';
import type { PageNote } from '../../datasets/page-notes.ts';
import { type PagePanels, readPagePanels } from '../../datasets/panel-files/page-panels.ts';
import { firstLine, PanelvecError } from '../../errors.ts';
import { measureImage } from '../../preprocess/image/decode-image.ts';
import type { Resources } from '../job-kind.ts';
import { PageFileError, readPageImage } from './page-file.ts';
import type { PageProblem } from './page-report.ts';
import { readPanelFiles } from './read-panel-files.ts';

/** Errors that are the fault of the page. Any other error ends the task. */
const PAGE_ERROR_CODES = new Set([
  'image_unreadable',
  'image_too_large',
  'unsupported_media_type',
  'invalid_request',
  'inference_failed',
  'vector_not_finite',
]);

/** The panels of a page, and the bytes of its image file. */
export interface PageContent extends Omit<PagePanels, 'problem' | 'notes'> {
  readonly bytes: Buffer;
  /** Notes about the page and about its panels */
  readonly notes: readonly PageNote[];
}

/** Reads the files of a page. @throws PanelvecError if one is missing, too large, or of a wrong kind */
export async function readPage(
  page: PageEntry,
  { panels: panelOptions, max_panels_per_page: maxPanels }: Dataset,
  resources: Resources,
): Promise<PageContent> {
  const files = await readPanelFiles(page, resources);
  const bytes = await readPageImage(page, resources);
  const size = await measureImage(bytes, resources.imageLimits);
  const { problem, ...content } = readPagePanels(files.panels, panelOptions, size, maxPanels, files.texts);
  if (problem) throw new PageFileError(problem.reason, `${files.name}: ${problem.detail}`);
  return { ...content, notes: [...files.notes, ...content.notes], bytes };
}

/** The problem of the page that caused an error; undefined for an error that is not the fault of the page. */
export function toPageProblem(error: unknown): PageProblem | undefined {
  if (!(error instanceof PanelvecError) || !PAGE_ERROR_CODES.has(error.code)) return undefined;
  return { reason: error instanceof PageFileError ? error.reason : error.code, detail: firstLine(error) };
}
