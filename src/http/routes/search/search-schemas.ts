import { z } from 'zod';
import type { FoundResult } from '../../../collections/search/find-results.ts';
import type { SearchResult } from '../../../collections/search/panel-search.ts';
import { MAX_DEPTH } from '../../../collections/search/search-cursor.ts';
import {
  DEFAULT_WEIGHTS,
  SEARCH_LEVELS,
  type SearchQuery,
  WEIGHT_NAMES,
} from '../../../collections/search/search-query.ts';
import { filePartSchema } from '../../openapi-schemas.ts';
import { panelFields, toPanelResponse } from '../collections/panel-response.ts';
import { compositionSchema } from '../embeddings/panel-route.ts';

const MAX_TOP_K = 100;
const DEFAULT_TOP_K = 10;
const MAX_IDS = 32;
const MAX_WEIGHT = 100;

const idSchema = z.string().regex(/^[0-9a-f]{16}$/, 'expected the id of a panel: 16 hexadecimal digits');
const weightSchema = z.number().min(0).max(MAX_WEIGHT);
const weightFields = Object.fromEntries(
  WEIGHT_NAMES.map((name) => [name, weightSchema.optional().describe(`${DEFAULT_WEIGHTS[name]} by default`)]),
) as Record<keyof typeof DEFAULT_WEIGHTS, z.ZodOptional<typeof weightSchema>>;

export const searchBodySchema = z.strictObject({
  collection: z.string(),
  text: z.string().optional().describe('Words to find'),
  image: z
    .string()
    .optional()
    .describe('A data URI or a URL; in a form the name of a file part, by default the part `image` where there is one'),
  panel: idSchema.optional().describe('The id of a panel of the collection: finds others like it'),
  composition: compositionSchema.optional(),
  positive: z.array(idSchema).max(MAX_IDS).optional().describe('Ids of panels that results shall be like'),
  negative: z.array(idSchema).max(MAX_IDS).optional().describe('Ids of panels that results shall not be like'),
  weights: z
    .strictObject(weightFields)
    .optional()
    .describe('How much each part of the query counts; only of parts that it has'),
  level: z.enum(SEARCH_LEVELS).optional().describe('Panels (default), or pages, each by its best panel'),
  top_k: z
    .number()
    .int()
    .min(1)
    .max(MAX_TOP_K)
    .optional()
    .describe(`Results of one response; ${DEFAULT_TOP_K} by default`),
  exact: z.boolean().optional().describe('Compare every panel, without the index; false by default'),
  filters: z
    .strictObject({
      book: z.string().optional(),
      page_type: z.string().optional(),
      has_text: z.boolean().optional(),
    })
    .optional()
    .describe('Only panels that fit all of them'),
  cursor: z
    .string()
    .max(200)
    .optional()
    .describe(`\`next_cursor\` of the response before, with the same query; up to ${MAX_DEPTH} results`),
  model: z
    .string()
    .optional()
    .describe('The model that embeds the query; by default a served one with the space of the collection'),
});

export const searchFormSchema = z.object({
  request: z.string().describe('The JSON of the request'),
  image: filePartSchema('The picture to search by'),
});

const scoreSchema = z.number().describe('Cosine to the query, -1 to 1');

const searchResultSchema = z
  .strictObject({
    ...panelFields,
    score: scoreSchema,
    near_duplicate_of: z
      .string()
      .nullable()
      .describe('The id of an earlier result of the same response that is nearly the same panel'),
    panels: z
      .array(z.strictObject({ id: z.string(), score: scoreSchema }))
      .optional()
      .describe('At the level of pages: the panels of the page that fit the filters, best first'),
  })
  .meta({ id: 'SearchResult' });

export const searchResponseSchema = z
  .strictObject({
    object: z.literal('list'),
    collection: z.string(),
    model: z.string().describe('The model of the collection'),
    space: z.string(),
    level: z.enum(SEARCH_LEVELS),
    exact: z.boolean().describe('Whether every panel that fits the filters was compared'),
    query: z.strictObject({
      weights: z.strictObject(weightFields).describe('The weights of the parts that the query has'),
      truncated: z.boolean().describe('Whether the end of its text was cut off'),
      unknown_tokens: z.number().int().describe('Tokens of its text that the vocabulary of the model lacks'),
    }),
    data: z.array(searchResultSchema).describe('Best first'),
    next_cursor: z.string().nullable().describe('Where the next results begin; null where there are none'),
  })
  .meta({ id: 'SearchList' });

export function toQueryWithoutImage(body: z.output<typeof searchBodySchema>): Omit<SearchQuery, 'image'> {
  const { book, page_type: pageType, has_text: hasText } = body.filters ?? {};
  return {
    collection: body.collection,
    model: body.model,
    text: body.text,
    composition: body.composition,
    panel: body.panel,
    positive: body.positive ?? [],
    negative: body.negative ?? [],
    weights: body.weights ?? {},
    level: body.level ?? 'panel',
    topK: body.top_k ?? DEFAULT_TOP_K,
    exact: body.exact ?? false,
    filters: { book, pageType, hasText },
    cursor: body.cursor,
  };
}

export function toSearchResponse(query: SearchQuery, result: SearchResult): z.infer<typeof searchResponseSchema> {
  const { collection, reading, weights, isExact, results, nextCursor } = result;
  return {
    object: 'list',
    collection: collection.name,
    model: collection.model,
    space: collection.space,
    level: query.level,
    exact: isExact,
    query: { weights, truncated: reading?.truncated ?? false, unknown_tokens: reading?.unknownTokens ?? 0 },
    data: results.map((row) => toSearchResult(collection, row)),
    next_cursor: nextCursor,
  };
}

function toSearchResult(collection: SearchResult['collection'], row: FoundResult): z.infer<typeof searchResultSchema> {
  const { near_duplicate_of, distance, page_panels: pagePanels } = row;
  return {
    ...toPanelResponse(collection, row),
    score: toScore(distance),
    near_duplicate_of,
    ...(pagePanels && { panels: pagePanels.map((panel) => ({ id: panel.id, score: toScore(panel.distance) })) }),
  };
}

/** Six digits: half floats have no more. */
function toScore(distance: number): number {
  return Number((1 - distance).toFixed(6));
}
