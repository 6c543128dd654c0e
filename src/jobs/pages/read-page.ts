import type { Dataset } from '../../datasets/dataset-spec.ts';
import type { PageEntry } from '../../datasets/index-pages.ts';
import { PageFileError, type PageFileLimits, readPageImage } from '../../datasets/page-file.ts';
import type { PageNote } from '../../datasets/page-notes.ts';
import { type PagePanels, readPagePanels } from '../../datasets/panel-files/page-panels.ts';
import { firstLine, PanelvecError } from '../../errors.ts';
import { isCropTooLarge } from '../../preprocess/image/crop-image.ts';
import { type ImageFile, openPage } from '../../preprocess/image/open-image.ts';
import type { PageProblem } from './page-report.ts';
import { readPanelFiles } from './read-panel-files.ts';

/** Errors that are the fault of the page. Any other error ends the task. */
const PAGE_ERROR_CODES = new Set([
  'image_unreadable',
  'image_too_large',
  'unsupported_media_type',
  'invalid_request',
  'inference_failed',
  'poisoned_input',
  'vector_not_finite',
]);

/** The panels of a page, and its image, of which no pixel is decoded yet. */
export interface PageContent extends Omit<PagePanels, 'problem' | 'notes'> {
  readonly image: ImageFile;
  /** Notes about the page and about its panels */
  readonly notes: readonly PageNote[];
}

/** Reads the files of a page. @throws PanelvecError if one is missing, too large, or of a wrong kind */
export async function readPage(
  page: PageEntry,
  { panels: panelOptions, images, max_panels_per_page: maxPanels }: Dataset,
  resources: PageFileLimits,
): Promise<PageContent> {
  const files = await readPanelFiles(page, resources);
  const bytes = await readPageImage(page, resources);
  const image = await openPage(bytes, resources.imageLimits, images);
  const { problem, ...content } = readPagePanels(files.panels, panelOptions, image, maxPanels, files.texts);
  if (problem) throw new PageFileError(problem.reason, `${files.name}: ${problem.detail}`);
  const notes = [...files.notes, ...content.notes, ...(image.isTruncated ? [TRUNCATED_NOTE] : [])];
  return { ...withoutTooLargeCrops(content, image), notes, image };
}

const TRUNCATED_NOTE: PageNote = { note: 'image_truncated', detail: 'the JPEG is truncated, and its rest is grey' };

function withoutTooLargeCrops<P extends Pick<PagePanels, 'panels' | 'skipped'>>(content: P, image: ImageFile): P {
  const tooLarge = content.panels.filter(({ crop }) => isCropTooLarge(crop, image));
  if (tooLarge.length === 0) return content;
  return {
    ...content,
    panels: content.panels.filter((panel) => !tooLarge.includes(panel)),
    skipped: [
      ...content.skipped,
      ...tooLarge.map(({ index }) => ({ panel: index, reason: 'crop_too_large' as const })),
    ],
  };
}

/** The problem of the page that caused an error; undefined for an error that is not the fault of the page. */
export function toPageProblem(error: unknown): PageProblem | undefined {
  if (!(error instanceof PanelvecError) || !PAGE_ERROR_CODES.has(error.code)) return undefined;
  return { reason: error instanceof PageFileError ? error.reason : error.code, detail: firstLine(error) };
}
