import { z } from 'zod';
import type { Collection } from '../../../collections/collection.ts';
import type { PanelRow } from '../../../collections/panel-rows.ts';

export const boxSchema = z
  .array(z.number())
  .length(4)
  .describe('x, y, width and height in pixels of the page, whose picture is upright');
export const textSchema = z.string().nullable().describe('As it was read from the panel file: text, never markup');

/** The fields of a panel that every answer has. */
export const panelFields = {
  id: z.string().describe('The same after another index job of the same pages'),
  canonical_id: z.string().describe('The id of its page'),
  book: z.string(),
  page_type: z.string(),
  panel: z.number().int().describe('Its place among the vectors of its page, from 0'),
  number: z.number().nullable().describe('The number that the panel file gives it, which may be any'),
  box: boxSchema,
  text: textSchema,
  image_url: z.string().describe('The picture of the panel'),
  page_url: z.string().describe('The picture of its page'),
};
export const panelSchema = z.strictObject(panelFields).meta({ id: 'CollectionPanel' });
export type PanelResponse = z.infer<typeof panelSchema>;

export function toPanelResponse({ name }: Pick<Collection, 'name'>, row: PanelRow): PanelResponse {
  const { id, canonical_id, book, page_type, panel, number, box, text } = row;
  const url = `/v1/collections/${encodeURIComponent(name)}/panels/${id}`;
  const place = { canonical_id, book, page_type, panel, number };
  return { id, ...place, box: [...box], text, image_url: `${url}/image`, page_url: `${url}/page` };
}
