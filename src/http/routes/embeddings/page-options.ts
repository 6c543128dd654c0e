import { z } from 'zod';
import { PanelvecError } from '../../../errors.ts';
import { EMPTY_PAGES } from '../../../jobs/embed/embed-spec.ts';
import { BOX_ORDERS, BOX_SCALES } from '../../../preprocess/panel-box.ts';
import { isObject, type JsonObject } from '../../../util/json.ts';
import { parse } from '../../validation.ts';
import { optionFields } from './embedding-options.ts';

const MAX_PADDING = 64;

const pageOptionFields = {
  ...optionFields,
  pad_to: z
    .union([
      z.number(),
      z
        .string()
        .regex(/^\d{1,3}$/, 'expected a positive integer')
        .transform(Number),
    ])
    .pipe(z.number().int().min(1).max(MAX_PADDING))
    .optional()
    .describe('Rows of panel_embeddings: absent panels become zeros with a false mask'),
  empty_pages: z
    .enum(EMPTY_PAGES)
    .optional()
    .describe(
      'The mask of a page without panels: all false (`masked`, default), or first true over a vector of zeros (`zero_vector`), as stores have it; needs pad_to',
    ),
  box_scale: z
    .union([z.literal(BOX_SCALES), z.enum(['1', '1000']).transform((text) => (text === '1' ? 1 : 1000))])
    .optional()
    .describe('The unit of boxes, if it is not that of their form: fractions of the page, thousandths, or pixels'),
  box_order: z
    .enum(BOX_ORDERS)
    .optional()
    .describe('The order of the numbers of boxes, if it is not that of their form'),
};

/** The options of a call with pages. In forms and queries they are texts. */
export const pageOptionsSchema = z.strictObject(pageOptionFields);
export type PageOptions = z.output<typeof pageOptionsSchema>;

/** Options that stand beside pages, which may be a saved file with fields of its own. */
export interface SeparatedOptions {
  readonly options: PageOptions;
  /** The body without options */
  readonly rest: JsonObject;
}

export interface OptionSources {
  /** The query, checked */
  readonly query: PageOptions;
  /** The fields of a form beside the request */
  readonly form: Readonly<Record<string, string>>;
  readonly body: JsonObject;
}

/**
 * Collects the options of a request from its query, the fields of its form, the object `options` of its body, and the body itself.
 * In a page, `model` is an option only if it names a served model: saved files name the model that made them. Nor is a list or an
 * object an option where options have one value: `dimensions` may be the size of a picture.
 * @throws PanelvecError invalid_request naming an unknown option, or one that two places set to different values
 */
export function separateOptions(
  { query, form, body }: OptionSources,
  isServedModel: (name: string) => boolean,
): SeparatedOptions {
  const { options: nested, ...fields } = body;
  const isPage = !('pages' in body);
  const isOption = ([name, value]: [string, unknown]) => {
    if (!(name in pageOptionFields)) return false;
    if (!isPage || name === 'outputs' || value === null) return true;
    if (name === 'model') return typeof value === 'string' && isServedModel(value);
    return typeof value !== 'object';
  };
  const entries = Object.entries(fields);
  const places: readonly PageOptions[] = [
    query,
    parse(pageOptionsSchema, form),
    parseNested(nested),
    parse(pageOptionsSchema, Object.fromEntries(entries.filter(isOption))),
  ];
  return {
    options: mergeOptions(places),
    rest: Object.fromEntries(entries.filter((entry) => !isOption(entry))),
  };
}

function parseNested(nested: unknown): PageOptions {
  if (nested === undefined || nested === null) return {};
  const { options } = parse(z.object({ options: pageOptionsSchema }), { options: nested });
  return options;
}

function mergeOptions(places: readonly PageOptions[]): PageOptions {
  const merged: Record<string, unknown> = {};
  for (const [name, value] of places.flatMap((place) => Object.entries(place))) {
    if (value === undefined) continue;
    if (name in merged && JSON.stringify(merged[name]) !== JSON.stringify(value)) {
      throw new PanelvecError('invalid_request', 'two places of the request give it different values', { param: name });
    }
    merged[name] = value;
  }
  return merged;
}

/** A body as an object, in which `pages` of null counts as absent. @throws PanelvecError invalid_request */
export function requireObject(body: unknown): JsonObject {
  if (isObject(body)) {
    const { pages, ...others } = body;
    return pages === null ? others : body;
  }
  throw new PanelvecError('invalid_request', 'expected an object with "panels", or with a list of "pages"');
}
