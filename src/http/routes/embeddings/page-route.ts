import type { FastifyPluginAsync } from 'fastify';
import type { EmbeddedPage } from '../../../embedding/embedder.ts';
import type { PageInput } from '../../../embedding/panel-input.ts';
import { PanelvecError } from '../../../errors.ts';
import type { Services } from '../../../services.ts';
import { withErrors } from '../../openapi.ts';
import { emptyQuerySchema, parse } from '../../parse-request.ts';
import { clientDisconnectSignal } from '../../plugins/client-disconnect.ts';
import { tooManyItemsError } from '../../too-many-items-error.ts';
import { type ResolvedOptions, resolveOptions } from './embedding-options.ts';
import {
  assertFirstOutput,
  encodeVector,
  firstOutputVector,
  toFusionWeights,
  toModelFields,
  toUsage,
} from './embedding-response.ts';
import {
  onePageSchema,
  type PageRequest,
  type PageResponse,
  pageFormSchema,
  pageResponseSchema,
  pagesSchema,
  toPagePanel,
} from './page-schemas.ts';
import { type RequestImages, readRequestWithImages } from './request-images.ts';
import { acceptsNpy, NPY_MEDIA_TYPE, sendNpy } from './send-embeddings.ts';

/** Whole pages with their panel boxes to one vector per panel. The page is decoded once. */
export function pageRoute({ models, embedder, config }: Services): FastifyPluginAsync {
  return async (app) => {
    app.post('/v1/embeddings/page', {
      schema: {
        summary: 'Embed every panel of a page',
        description:
          'One page, or several in `pages`. Panels in the OCR form (bbox, text) or the VLM form (box_2d, description, text_content).',
        tags: ['embeddings'],
        querystring: emptyQuerySchema,
        bodies: { 'multipart/form-data': pageFormSchema, 'application/json': onePageSchema.or(pagesSchema) },
        alsoProduces: [NPY_MEDIA_TYPE],
        response: withErrors({ 200: pageResponseSchema }),
      },
      handler: async (request, reply) => {
        const { body, images } = await readRequestWithImages(request, config);
        const { pages, several, pad_to: padTo, ...options } = readPages(body);
        const count = pages.reduce((total, page) => total + page.panels.length, 0);
        if (Math.max(count, pages.length) > config.maxItems) {
          throw tooManyItemsError(Math.max(count, pages.length), config.maxItems, several ? 'pages' : 'panels');
        }
        const resolved = resolveOptions(models, options, clientDisconnectSignal(reply));
        if (acceptsNpy(request) && several)
          throw new PanelvecError('not_acceptable', `${NPY_MEDIA_TYPE} holds one page: ask for JSON`);
        const inputs = pages.map((page, i) => toPageInput(page, several ? `pages[${i}].` : '', resolved, images));
        images.assertAllUsed();
        assertPadding(inputs, padTo);
        const embedded = await embedder.embedPages(resolved.servedModel, inputs, resolved.embedOptions);
        if (acceptsNpy(request)) return sendNpy(reply, toRows(embedded[0]!, resolved, padTo), toModelFields(resolved));
        return {
          object: 'list',
          ...toModelFields(resolved),
          data: embedded.map((page, i) => toPageResponse(page, pages[i]!, i, resolved, padTo)),
          usage: toUsage(embedded.flatMap((page) => page.panels)),
        } satisfies PageResponse;
      },
    });
  };
}

function readPages(body: unknown) {
  if (typeof body === 'object' && body !== null && 'pages' in body)
    return { several: true, ...parse(pagesSchema, body) };
  const { canonical_id, overall_summary, panels, image, ...rest } = parse(onePageSchema, body);
  return { several: false, pages: [{ canonical_id, overall_summary, panels, image }], ...rest };
}

function toPageInput(
  page: PageRequest,
  prefix: string,
  { embedOptions }: ResolvedOptions,
  images: RequestImages,
): PageInput {
  const panels = page.panels.map((panel, i) => toPagePanel(panel, i, `${prefix}panels[${i}]`));
  for (const panel of panels)
    assertFirstOutput(embedOptions.outputs[0], embedOptions.outputs[0] !== 'text' || panel.text !== null, panel.param);
  const imageField = `${prefix}image`;
  return { imageField, image: images.take(page.image, imageField), panels };
}

function assertPadding(pages: readonly PageInput[], padTo: number | undefined): void {
  const maxPanels = Math.max(...pages.map((page) => page.panels.length));
  if (padTo === undefined || maxPanels <= padTo) return;
  throw new PanelvecError('invalid_request', `${padTo} rows do not hold ${maxPanels} panels`, {
    param: 'pad_to',
  });
}

/** One row per panel, then zeros up to `padTo`. */
function toRows({ panels }: EmbeddedPage, options: ResolvedOptions, padTo = 0): Float32Array[] {
  const rows = panels.map((panel) => firstOutputVector(panel, options));
  while (rows.length < padTo) rows.push(new Float32Array(options.embedOptions.dimensions));
  return rows;
}

function toPageResponse(
  page: EmbeddedPage,
  request: PageRequest,
  index: number,
  options: ResolvedOptions,
  padTo: number | undefined,
): PageResponse['data'][number] {
  const rows = toRows(page, options, padTo);
  const { outputs } = options.embedOptions;
  const allOutputs = outputs.length > 1 && {
    panel_outputs: Object.fromEntries(
      outputs.map((output) => [
        output,
        page.panels.map(({ vectors }) => (vectors[output] ? encodeVector(vectors[output], options.base64) : null)),
      ]),
    ),
  };
  return {
    object: 'page',
    index,
    canonical_id: request.canonical_id ?? null,
    panel_embeddings: rows.map((row) => encodeVector(row, options.base64)),
    ...allOutputs,
    panel_mask: rows.map((_, i) => i < page.panels.length),
    metadata: {
      num_panels: page.panels.length,
      overall_summary: request.overall_summary ?? null,
      ...page.size,
      panels: page.panels.map((panel, i) => {
        const { left, top, right, bottom } = page.crops[i]!;
        return {
          crop: [left, top, right, bottom],
          composition: Array.from(page.compositions[i]!),
          modalities: [...panel.modalities],
          ...toFusionWeights(panel, options),
          truncated: panel.truncated,
        };
      }),
    },
  };
}
