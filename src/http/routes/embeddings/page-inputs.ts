import { readDeclaredSize } from '../../../datasets/panel-files/file-panels.ts';
import type { PageInput } from '../../../embedding/panel-input.ts';
import { PanelvecError } from '../../../errors.ts';
import type { Modality } from '../../../model/modality.ts';
import type { PageSize } from '../../../preprocess/boxes.ts';
import { areFractions } from '../../../preprocess/panel-box.ts';
import type { ResolvedOptions } from './embedding-options.ts';
import type { PageOptions } from './page-options.ts';
import { toPagePanelInput } from './page-panel-request.ts';
import type { PageRequest, PagesRequest } from './page-request.ts';
import type { RequestImages } from './request-images.ts';
import { assertHasFirstOutput } from './vector-response.ts';

const FRACTIONS_MESSAGE =
  'all boxes lie within 0 and 1: bbox is in pixels, box_2d in thousandths; give box_scale 1 if they are fractions';
/** Modalities of a panel without text: its place on the page is known */
const MODALITIES_OF_PLACE: readonly Modality[] = ['vision', 'composition'];

/** The inputs of a page, and by panel the names of notes about it. */
export interface NotedPageInput {
  readonly input: PageInput;
  readonly panelNotes: readonly (readonly string[])[];
}

/**
 * Checks everything of all pages before an image is fetched.
 * @throws PanelvecError invalid_request where an image, a box or the first output is missing, or a panel is of both forms; those of
 *   `fetchUrls`
 */
export async function toPageInputs(
  request: PagesRequest,
  images: RequestImages,
  options: ResolvedOptions,
  signal: AbortSignal,
): Promise<NotedPageInput[]> {
  const pages = request.pages.map((page, i) => {
    const prefix = request.isList ? `pages[${i}].` : '';
    return {
      name: page.image,
      param: `${prefix}image`,
      ...toInputWithoutImage(page, prefix, request.options, options),
    };
  });
  await images.fetchUrls(pages, signal);
  return pages.map(({ name, param, input, panelNotes }) => {
    return { input: { ...input, image: images.take(name, param) }, panelNotes };
  });
}

function toInputWithoutImage(page: PageRequest, prefix: string, pageOptions: PageOptions, options: ResolvedOptions) {
  const panels = page.panels.map((panel, row) => toPagePanelInput(panel, row, `${prefix}panels[${row}]`, pageOptions));
  for (const { input } of panels) {
    const modalities: Modality[] = input.text ? [...MODALITIES_OF_PLACE, 'text'] : [...MODALITIES_OF_PLACE];
    assertHasFirstOutput(options, modalities, input.param);
  }
  const boxes = panels.map(({ input }) => input.box);
  if (areFractions(boxes)) throw new PanelvecError('invalid_request', FRACTIONS_MESSAGE, { param: `${prefix}panels` });
  const countsPixels = boxes.some(({ layout }) => layout.scale === 'pixels');
  const input = {
    imageField: `${prefix}image`,
    declaredSize: countsPixels ? requireBothSides(page, prefix) : null,
    declaredSizeField: `${prefix}image_width`,
    panels: panels.map((panel) => panel.input),
  };
  return { input, panelNotes: panels.map(({ notes }) => notes) };
}

/** @throws PanelvecError invalid_request where one side is given and the other is not */
function requireBothSides(page: PageRequest, prefix: string): PageSize | null {
  const [hasWidth, hasHeight] = [page.image_width, page.image_height].map((side) => (side ?? null) !== null);
  if (hasWidth === hasHeight) return readDeclaredSize(page).size;
  const missing = hasWidth ? 'image_height' : 'image_width';
  throw new PanelvecError('invalid_request', 'give both sides of the picture, or none', { param: prefix + missing });
}
