import type { Dataset } from '../../datasets/dataset-spec.ts';
import type { PageEntry } from '../../datasets/index-pages.ts';
import { type PagePanels, readPagePanels } from '../../datasets/page-panels.ts';
import { oneLine, PanelvecError } from '../../errors.ts';
import { measureImage } from '../../preprocess/image/decode.ts';
import type { Resources } from '../job-kind.ts';
import { PageProblem, readPageFile } from './page-file.ts';

/** Errors of the page itself; any other is not its fault, and ends the task. */
const PAGE_ERRORS = new Set([
  'image_unreadable',
  'image_too_large',
  'unsupported_media_type',
  'invalid_request',
  'inference_failed',
  'vector_not_finite',
]);

const PANELS = { missing: 'panels_missing', tooLarge: 'panels_too_large' };
const IMAGE = { missing: 'image_missing', tooLarge: 'image_too_large' };

/** A page's panels, and the bytes of its picture. */
export interface ReadPage extends Omit<PagePanels, 'problem'> {
  readonly bytes: Buffer;
}

/** @throws PanelvecError where a file of the page is missing, too large, or none of its kind */
export async function readPage(
  { panelsPath, imagePath }: PageEntry,
  { panels, max_panels_per_page: most }: Dataset,
  resources: Resources,
): Promise<ReadPage> {
  const json = parsePanels(await readPageFile(panelsPath, PANELS, resources), panelsPath);
  const bytes = await readPageFile(imagePath, IMAGE, resources);
  const size = await measureImage(bytes, resources.imageLimits);
  const { problem, ...read } = readPagePanels(json, panels.format, size, most);
  if (problem) throw new PageProblem(problem, `${panelsPath} has no panels`);
  return { ...read, bytes };
}

/** What is wrong with the page, where that is what an error says. */
export function problemOfPage(error: unknown): { readonly reason: string; readonly detail: string } | undefined {
  if (!(error instanceof PanelvecError) || !PAGE_ERRORS.has(error.code)) return undefined;
  return { reason: error instanceof PageProblem ? error.reason : error.code, detail: oneLine(error) };
}

function parsePanels(bytes: Buffer, file: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new PageProblem('panels_unreadable', `${file}: ${oneLine(cause)}`, cause);
  }
}
