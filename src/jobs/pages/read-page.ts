import type { Dataset } from '../../datasets/dataset-spec.ts';
import type { PageEntry } from '../../datasets/index-pages.ts';
import { type PagePanels, readPagePanels } from '../../datasets/page-panels.ts';
import { firstLine, PanelvecError } from '../../errors.ts';
import { measureImage } from '../../preprocess/image/decode-image.ts';
import type { Resources } from '../job-kind.ts';
import { PageFileError, readPageFile } from './page-file.ts';

/** Errors of the page itself; any other is not its fault, and ends the task. */
const PAGE_ERROR_CODES = new Set([
  'image_unreadable',
  'image_too_large',
  'unsupported_media_type',
  'invalid_request',
  'inference_failed',
  'vector_not_finite',
]);

const PANELS_FILE_REASONS = { missing: 'panels_missing', tooLarge: 'panels_too_large' };
const IMAGE_FILE_REASONS = { missing: 'image_missing', tooLarge: 'image_too_large' };

/** A page's panels, and the bytes of its picture. */
export interface PageContent extends Omit<PagePanels, 'problem'> {
  readonly bytes: Buffer;
}

/** @throws PanelvecError where a file of the page is missing, too large, or none of its kind */
export async function readPage(
  { panelsPath, imagePath }: PageEntry,
  { panels, max_panels_per_page: maxPanels }: Dataset,
  resources: Resources,
): Promise<PageContent> {
  const json = parsePanels(await readPageFile(panelsPath, PANELS_FILE_REASONS, resources), panelsPath);
  const bytes = await readPageFile(imagePath, IMAGE_FILE_REASONS, resources);
  const size = await measureImage(bytes, resources.imageLimits);
  const { problem, ...content } = readPagePanels(json, panels.format, size, maxPanels);
  if (problem) throw new PageFileError(problem, `${panelsPath} has no panels`);
  return { ...content, bytes };
}

/** What is wrong with the page, where that is what an error says. */
export function toPageProblem(error: unknown): { readonly reason: string; readonly detail: string } | undefined {
  if (!(error instanceof PanelvecError) || !PAGE_ERROR_CODES.has(error.code)) return undefined;
  return { reason: error instanceof PageFileError ? error.reason : error.code, detail: firstLine(error) };
}

function parsePanels(bytes: Buffer, file: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new PageFileError('panels_unreadable', `${file}: ${firstLine(cause)}`, cause);
  }
}
