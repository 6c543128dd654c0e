import { z } from 'zod';
import { unwrapPage } from '../../../datasets/panel-files/detect-format.ts';
import { DECLARED_SIZE_FIELDS, readDeclaredSize } from '../../../datasets/panel-files/file-panels.ts';
import { isCoco } from '../../../datasets/panel-files/formats/coco.ts';
import { isKumiko } from '../../../datasets/panel-files/formats/kumiko.ts';
import { isMagi } from '../../../datasets/panel-files/formats/magi.ts';
import { isMokuro } from '../../../datasets/panel-files/formats/mokuro.ts';
import { PanelvecError } from '../../../errors.ts';
import { isObject } from '../../../util/json.ts';
import { filePartSchema } from '../../openapi-schemas.ts';
import { parse } from '../../validation.ts';
import { type KnownFields, listIgnoredFields } from './ignored-fields.ts';
import {
  type OptionSources,
  type PageOptions,
  pageOptionsSchema,
  requireObject,
  separateOptions,
} from './page-options.ts';
import { KNOWN_PANEL_FIELDS, pagePanelSchema } from './page-panel-request.ts';

const EXPECTED_PIXELS = 'expected a positive number';
/** A number of pixels, or its digits, as some tools save it. */
const pixelsSchema = z.union(
  [
    z.number().positive(EXPECTED_PIXELS),
    z
      .string()
      .regex(/^\s*[1-9]\d{0,8}\s*$/)
      .transform(Number),
  ],
  EXPECTED_PIXELS,
);

/** A page. `image` is a data URI or a URL in JSON; in a form the name of a file part, `image` by default. */
const pageSchema = z
  .looseObject({
    canonical_id: z.string().nullish(),
    overall_summary: z.string().nullish(),
    panels: z.array(pagePanelSchema).describe('A list; also an object of named panels, or null for none'),
    image_width: pixelsSchema.nullish().describe('The size of the picture that boxes in pixels were drawn on'),
    image_height: pixelsSchema.nullish(),
    image: z.string().optional().describe('A data URI or a URL; in a form the name of a file part, `image` by default'),
  })
  .describe('Fields that are not known are ignored, and listed in the response');
export type PageRequest = z.output<typeof pageSchema>;

const KNOWN_PAGE_FIELDS: KnownFields = {
  canonical_id: true,
  overall_summary: true,
  panels: KNOWN_PANEL_FIELDS,
  ...Object.fromEntries(DECLARED_SIZE_FIELDS.map((name) => [name, true as const])),
  image: true,
};

const optionsField = {
  options: pageOptionsSchema.optional().describe('Options, apart from the fields of a saved file'),
};
const onePageSchema = pageSchema.extend({ ...optionsField, ...pageOptionsSchema.shape });
/** Pages that are looked at before their fields are checked */
const pageListSchema = z.strictObject({ pages: z.array(z.unknown()).min(1) });
const pagesSchema = z.strictObject({ pages: z.array(pageSchema).min(1) });

export const pageBodySchema = onePageSchema.or(pagesSchema.extend({ ...optionsField, ...pageOptionsSchema.shape }));
export const pageFormSchema = z.object({
  ...pageOptionsSchema.shape,
  image: filePartSchema('The page'),
  request: z.string().describe('The JSON of the request, with images named by part'),
});

export interface PagesRequest {
  readonly pages: readonly PageRequest[];
  /** By page, the fields that nobody reads */
  readonly ignoredFields: readonly (readonly string[])[];
  /** By page, the names of notes about it */
  readonly notes: readonly (readonly string[])[];
  /** Whether the request has a list of pages, which the fields of its errors then begin with */
  readonly isList: boolean;
  readonly options: PageOptions;
}

/** Checks a body by the schema of its form, so that its errors are about that form alone. @throws PanelvecError */
export function parsePagesRequest(
  body: unknown,
  sources: Omit<OptionSources, 'body'>,
  isServedModel: (name: string) => boolean,
): PagesRequest {
  assertNoOtherTool(body);
  const { options, rest } = separateOptions({ ...sources, body: requireObject(body) }, isServedModel);
  const isList = 'pages' in rest;
  const list = isList ? parse(pageListSchema, rest).pages : [rest];
  for (const [i, page] of list.entries()) assertPage(page, isList ? `pages[${i}]` : undefined);
  const pages = isList
    ? parse(pagesSchema, { pages: list.map(withPanelList) }).pages
    : [parse(pageSchema, withPanelList(rest))];
  return {
    pages,
    ignoredFields: pages.map((page) => listIgnoredFields(page, KNOWN_PAGE_FIELDS)),
    notes: list.map(listNotes),
    isList,
    options,
  };
}

function listNotes(page: unknown): string[] {
  if (!isObject(page)) return [];
  const hasBadSize = readDeclaredSize(page).bad !== undefined;
  return [...(page['panels'] === null ? ['panels_null'] : []), ...(hasBadSize ? ['bad_size'] : [])];
}

/** Panels may be an object of named ones, as VLM files have them, or null in files of pages without panels. */
function withPanelList(page: unknown): unknown {
  if (!isObject(page)) return page;
  const { panels } = page;
  if (panels === null) return { ...page, panels: [] };
  return isObject(panels) ? { ...page, panels: Object.values(panels) } : page;
}

const OTHER_TOOLS = { Kumiko: isKumiko, COCO: isCoco, Magi: isMagi, mokuro: isMokuro };

/** @throws PanelvecError if this is no page, but something that holds one or is like one */
function assertPage(page: unknown, param?: string): void {
  assertNoOtherTool(page, param);
  if (!unwrapPage(page).isNested) return;
  throw new PanelvecError('invalid_request', 'the page is nested in another object: send it alone', { param });
}

/** @throws PanelvecError naming the tool whose file this is */
function assertNoOtherTool(json: unknown, param?: string): void {
  const tool = Object.entries(OTHER_TOOLS).find(([, isFormat]) => isFormat(json))?.[0];
  if (tool === undefined) return;
  const message = `this is a file of ${tool}, which only datasets read: give "panels" with "bbox" or "box_2d"`;
  throw new PanelvecError('invalid_request', message, { param });
}
