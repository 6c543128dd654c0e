import { z } from 'zod';
import type { EmbeddedPage } from '../../../embedding/embedder.ts';
import { elementAt } from '../../../util/arrays.ts';
import type { ResolvedOptions } from './embedding-options.ts';
import { toModelFields, toUsage, usageSchema } from './embedding-response.ts';
import type { PageRequest } from './page-request.ts';
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
        }),
      }),
    ),
    usage: usageSchema,
  })
  .meta({ id: 'PageEmbeddingList' });

export type PageResponse = z.infer<typeof pageResponseSchema>;
type PageItem = PageResponse['data'][number];

/** @param padTo rows of `panel_embeddings` of each page */
export function toPageResponse(
  pages: readonly EmbeddedPage[],
  requests: readonly PageRequest[],
  options: ResolvedOptions,
  padTo: number | undefined,
): PageResponse {
  return {
    object: 'list',
    ...toModelFields(options),
    data: pages.map((page, index) => toPageItem(page, elementAt(requests, index), index, options, padTo)),
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
  request: PageRequest,
  index: number,
  options: ResolvedOptions,
  padTo: number | undefined,
): PageItem {
  const rows = toPageRows(page, options, padTo);
  return {
    object: 'page',
    index,
    canonical_id: request.canonical_id ?? null,
    panel_embeddings: rows.map((row) => encodeVector(row, options)),
    panel_outputs: mapOutputs(options, (output) => page.panels.map((panel) => encodeOutput(panel, output, options))),
    panel_mask: rows.map((_, row) => row < page.panels.length),
    metadata: {
      num_panels: page.panels.length,
      overall_summary: request.overall_summary ?? null,
      ...page.size,
      panels: toPanelMetadata(page, options),
    },
  };
}

function toPanelMetadata({ panels, crops, compositions }: EmbeddedPage, options: ResolvedOptions) {
  return panels.map((panel, i) => {
    const { left, top, right, bottom } = elementAt(crops, i);
    return {
      crop: [left, top, right, bottom],
      composition: Array.from(elementAt(compositions, i)),
      ...toPanelFields(panel, options),
    };
  });
}
