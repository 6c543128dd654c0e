import { z } from 'zod';
import type { EmbeddedPage } from '../../../embedding/embedder.ts';
import { describeOtherSize } from '../../../preprocess/declared-size.ts';
import { reachesOverPage } from '../../../preprocess/panel-box.ts';
import { elementAt } from '../../../util/arrays.ts';
import { toShortNumbers } from '../../../util/short-numbers.ts';
import type { ResolvedOptions } from './embedding-options.ts';
import { toModelFields, toUsage, usageSchema } from './embedding-response.ts';
import type { NotedPageInput } from './page-inputs.ts';
import type { PagesRequest } from './page-request.ts';
import {
  encodeOutput,
  encodeVector,
  firstOutputVector,
  mapOutputs,
  panelFields,
  toPanelFields,
  vectorSchema,
} from './vector-response.ts';

const panelMetadataSchema = z.strictObject({
  crop: z.array(z.number().int()).describe('[left, top, right, bottom] in pixels'),
  composition: z.array(z.number()),
  ...panelFields,
});

const noteSchema = z.strictObject({
  panel: z.number().int().optional().describe('The index of the panel; absent if the note is about the page'),
  note: z.string(),
  detail: z.string().optional(),
});

export const pageResponseSchema = z
  .strictObject({
    object: z.literal('list'),
    model: z.string(),
    space: z.string(),
    dimensions: z.number().int(),
    data: z.array(
      z.strictObject({
        object: z.literal('page'),
        index: z.number().int(),
        canonical_id: z.string().nullable(),
        panel_embeddings: z.array(vectorSchema),
        panel_outputs: z.record(z.string(), z.array(vectorSchema.nullable())).optional(),
        panel_mask: z.array(z.boolean()),
        metadata: z.strictObject({
          num_panels: z.number().int(),
          overall_summary: z.string().nullable(),
          width: z.number().int(),
          height: z.number().int(),
          panels: z.array(panelMetadataSchema),
          notes: z.array(noteSchema).describe('What was read differently from how it is written'),
          ignored_fields: z.array(z.string()).describe('Fields of the page that have no meaning here'),
        }),
      }),
    ),
    usage: usageSchema,
  })
  .meta({ id: 'PageEmbeddingList' });

export type PageResponse = z.infer<typeof pageResponseSchema>;
type PageItem = PageResponse['data'][number];

export function toPageResponse(
  pages: readonly EmbeddedPage[],
  inputs: readonly NotedPageInput[],
  request: PagesRequest,
  options: ResolvedOptions,
): PageResponse {
  return {
    object: 'list',
    ...toModelFields(options),
    data: pages.map((page, index) => toPageItem(page, elementAt(inputs, index), index, request, options)),
    usage: toUsage(pages.flatMap((page) => page.panels)),
  };
}

/** One row for each panel, then rows of zeros up to `padTo`. */
export function toPageRows({ panels }: EmbeddedPage, options: ResolvedOptions, padTo = 0): Float32Array[] {
  const rows = panels.map((panel) => firstOutputVector(panel, options));
  while (rows.length < padTo) rows.push(new Float32Array(options.embedOptions.dimensions));
  return rows;
}

function toPageItem(
  page: EmbeddedPage,
  input: NotedPageInput,
  index: number,
  request: PagesRequest,
  options: ResolvedOptions,
): PageItem {
  const requestedPage = elementAt(request.pages, index);
  const rows = toPageRows(page, options, request.options.pad_to);
  const isZeroVector = page.panels.length === 0 && request.options.empty_pages === 'zero_vector';
  const trueMasks = isZeroVector ? 1 : page.panels.length;
  return {
    object: 'page',
    index,
    canonical_id: requestedPage.canonical_id ?? null,
    panel_embeddings: rows.map((row) => encodeVector(row, options)),
    panel_outputs: mapOutputs(options, (output) => page.panels.map((panel) => encodeOutput(panel, output, options))),
    panel_mask: rows.map((_, row) => row < trueMasks),
    metadata: {
      num_panels: page.panels.length,
      overall_summary: requestedPage.overall_summary ?? null,
      ...page.size,
      panels: toPanelMetadata(page, options),
      notes: [...elementAt(request.notes, index).map((note) => ({ note })), ...listNotes(page, input)],
      ignored_fields: [...elementAt(request.ignoredFields, index)],
    },
  };
}

function listNotes(
  { size, drawnOn }: EmbeddedPage,
  { input, panelNotes }: NotedPageInput,
): PageItem['metadata']['notes'] {
  const isScaled = drawnOn.width !== size.width || drawnOn.height !== size.height;
  return [
    ...(isScaled ? [{ note: 'scaled_boxes', detail: describeOtherSize(drawnOn, size) }] : []),
    ...panelNotes.flatMap((notes, panel) => {
      const { box } = elementAt(input.panels, panel);
      const clipped = reachesOverPage(box, size, drawnOn) ? ['reaches_over_page'] : [];
      return [...notes, ...clipped].map((note) => ({ panel, note }));
    }),
  ];
}

function toPanelMetadata({ panels, crops, compositions }: EmbeddedPage, options: ResolvedOptions) {
  return panels.map((panel, i) => {
    const { left, top, right, bottom } = elementAt(crops, i);
    return {
      crop: [left, top, right, bottom],
      composition: toShortNumbers(elementAt(compositions, i)),
      ...toPanelFields(panel, options),
    };
  });
}
