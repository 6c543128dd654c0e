import { z } from 'zod';
import {
  PANEL_LETTERING_FIELDS,
  type PanelText,
  PIECE_FIELDS,
  readOcrText,
  readVlmText,
} from '../../../datasets/panel-files/panel-file-text.ts';
import type { PagePanelInput } from '../../../embedding/panel-input.ts';
import { PanelvecError } from '../../../errors.ts';
import { BBOX_LAYOUT, BOX_2D_LAYOUT, type PanelBox } from '../../../preprocess/panel-box.ts';
import type { KnownFields } from './ignored-fields.ts';
import type { PageOptions } from './page-options.ts';

const boxSchema = z.tuple([z.number(), z.number(), z.number(), z.number()], 'expected four numbers');
const numberSchema = z.number().int().min(1).max(1000);
/** Texts come in many shapes; what cannot be text is refused. */
const textSchema = z.union([z.string(), z.array(z.unknown()), z.record(z.string(), z.unknown())], 'expected a text');

/** A panel in the OCR form (bbox, text) or the VLM form (box_2d, description, text_content). */
export const pagePanelSchema = z.looseObject({
  bbox: boxSchema.nullish().describe('[x, y, width, height] in pixels'),
  box_2d: boxSchema.nullish().describe('[y1, x1, y2, x2] in thousandths of the page'),
  text: textSchema.nullish(),
  description: z.union([z.string(), z.array(z.unknown())], 'expected a text').nullish(),
  text_content: textSchema.nullish().describe('A list of objects with `text`; other shapes are read too, and noted'),
  panel_number: z
    .union(
      [
        numberSchema,
        z
          .string()
          .regex(/^\s*\d+\s*$/)
          .transform(Number)
          .pipe(numberSchema),
      ],
      'expected a whole number',
    )
    .nullish()
    .describe('Position in reading order, from 1; by default the position in the list'),
});
type PagePanelRequest = z.output<typeof pagePanelSchema>;

const allOf = (names: Iterable<string>): KnownFields => Object.fromEntries(Array.from(names, (name) => [name, true]));
const PIECE: KnownFields = { ...allOf(PIECE_FIELDS), type: true };
export const KNOWN_PANEL_FIELDS: KnownFields = {
  bbox: true,
  box_2d: true,
  description: true,
  panel_number: true,
  confidence: true,
  ...allOf(PANEL_LETTERING_FIELDS),
  text_content: PIECE,
};

/** The input of a panel, and the names of notes about what was read differently from how it is written. */
export interface NotedPanelInput {
  readonly input: PagePanelInput;
  readonly notes: readonly string[];
}

/** @param param the path of the panel @throws PanelvecError invalid_request if a panel is of both forms or of none */
export function toPagePanelInput(
  panel: PagePanelRequest,
  index: number,
  param: string,
  options: PageOptions,
): NotedPanelInput {
  const { box, field } = toPanelBox(panel, param, options);
  const { text: value, note } = readText(panel, param);
  // Many panels have no lettering: on a page, blank text is an absent modality and no mistake.
  const text = value === null ? null : { value, field: `${param}.${isVlmText(panel) ? 'description' : 'text'}` };
  const input = { param, box, boxField: `${param}.${field}`, panelNumber: panel.panel_number ?? index + 1, text };
  return { input, notes: note === null ? [] : [note] };
}

function readText(panel: PagePanelRequest, param: string): PanelText {
  if (!isVlmText(panel)) return readOcrText(panel);
  if (hasContent(panel.text)) {
    throw new PanelvecError('invalid_request', 'give either text or description and text_content', { param });
  }
  return readVlmText(panel);
}

function isVlmText({ description, text_content: lettering }: PagePanelRequest): boolean {
  return hasContent(description) || hasContent(lettering);
}

function hasContent(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() !== '';
  return Array.isArray(value) ? value.length > 0 : value !== null && value !== undefined;
}

function toPanelBox(
  { bbox, box_2d: box2d }: PagePanelRequest,
  param: string,
  { box_scale: scale, box_order: order }: PageOptions,
): { box: PanelBox; field: string } {
  const layoutOf = (layout: PanelBox['layout']) => ({ scale: scale ?? layout.scale, order: order ?? layout.order });
  if (bbox && !box2d) return { field: 'bbox', box: { form: 'ocr', layout: layoutOf(BBOX_LAYOUT), numbers: bbox } };
  if (box2d && !bbox) return { field: 'box_2d', box: { form: 'vlm', layout: layoutOf(BOX_2D_LAYOUT), numbers: box2d } };
  throw new PanelvecError('invalid_request', 'give either bbox or box_2d', { param });
}
