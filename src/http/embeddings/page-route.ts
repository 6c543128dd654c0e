import type { FastifyPluginAsync } from 'fastify';
import type { EmbeddedPage } from '../../embedding/embedder.ts';
import type { PageInput } from '../../embedding/panel.ts';
import { PanelvecError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { abandonment } from '../abandonment.ts';
import { withErrors } from '../openapi.ts';
import { noQuery, parse } from '../parse.ts';
import { tooMany } from '../too-many.ts';
import { assertFirstOutput, encodeVector, mainVector, modelFields, sharesOf, usageOf } from './answer.ts';
import { type ResolvedOptions, resolveOptions } from './options.ts';
import {
  onePageSchema,
  type PageAnswer,
  type PageRequest,
  pageAnswerSchema,
  pageFormSchema,
  pagesSchema,
  toPagePanel,
} from './page-schemas.ts';
import { NPY, sendNpy, wantsNpy } from './reply.ts';
import { type RequestImages, readRequest } from './request-images.ts';

/** Whole pages with their panel boxes to one vector per panel. The page is decoded once. */
export function pageRoute({ models, embedder, config }: Services): FastifyPluginAsync {
  return async (app) => {
    app.post('/v1/embeddings/page', {
      schema: {
        summary: 'Embed every panel of a page',
        description:
          'One page, or several in `pages`. Panels in the OCR form (bbox, text) or the VLM form (box_2d, description, text_content).',
        tags: ['embeddings'],
        querystring: noQuery,
        bodies: { 'multipart/form-data': pageFormSchema, 'application/json': onePageSchema.or(pagesSchema) },
        alsoProduces: [NPY],
        response: withErrors({ 200: pageAnswerSchema }),
      },
      handler: async (request, reply) => {
        const { body, images } = await readRequest(request, config);
        const { pages, several, pad_to: padTo, ...options } = readPages(body);
        const count = pages.reduce((total, page) => total + page.panels.length, 0);
        if (Math.max(count, pages.length) > config.maxItems) {
          throw tooMany(Math.max(count, pages.length), config.maxItems, several ? 'pages' : 'panels');
        }
        const resolved = resolveOptions(models, options, abandonment(reply));
        if (wantsNpy(request) && several)
          throw new PanelvecError('not_acceptable', `${NPY} holds one page: ask for JSON`);
        const inputs = pages.map((page, at) => toInput(page, several ? `pages[${at}].` : '', resolved, images));
        images.assertAllTaken();
        assertPadding(inputs, padTo);
        const embedded = await embedder.pages(resolved.served, inputs, resolved.embed);
        if (wantsNpy(request)) return sendNpy(reply, rowsOf(embedded[0]!, resolved, padTo), modelFields(resolved));
        return {
          object: 'list',
          ...modelFields(resolved),
          data: embedded.map((page, at) => pageAnswer(page, pages[at]!, at, resolved, padTo)),
          usage: usageOf(embedded.flatMap((page) => page.panels)),
        } satisfies PageAnswer;
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

function toInput(page: PageRequest, prefix: string, { embed }: ResolvedOptions, images: RequestImages): PageInput {
  const panels = page.panels.map((panel, at) => toPagePanel(panel, at, `${prefix}panels[${at}]`));
  for (const panel of panels)
    assertFirstOutput(embed.outputs[0], embed.outputs[0] !== 'text' || panel.text !== null, panel.param);
  const imageField = `${prefix}image`;
  return { imageField, image: images.take(page.image, imageField), panels };
}

function assertPadding(pages: readonly PageInput[], padTo: number | undefined): void {
  const longest = Math.max(...pages.map((page) => page.panels.length));
  if (padTo === undefined || longest <= padTo) return;
  throw new PanelvecError('invalid_request', `pad_to: ${padTo} rows do not hold ${longest} panels`, {
    param: 'pad_to',
  });
}

/** One row per panel, then zeros up to `padTo`. */
function rowsOf({ panels }: EmbeddedPage, options: ResolvedOptions, padTo = 0): Float32Array[] {
  const rows = panels.map((panel) => mainVector(panel, options));
  while (rows.length < padTo) rows.push(new Float32Array(options.embed.dimensions));
  return rows;
}

function pageAnswer(
  page: EmbeddedPage,
  request: PageRequest,
  index: number,
  options: ResolvedOptions,
  padTo: number | undefined,
): PageAnswer['data'][number] {
  const rows = rowsOf(page, options, padTo);
  const { outputs } = options.embed;
  const several = outputs.length > 1 && {
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
    ...several,
    panel_mask: rows.map((_, at) => at < page.panels.length),
    metadata: {
      num_panels: page.panels.length,
      overall_summary: request.overall_summary ?? null,
      ...page.size,
      panels: page.panels.map((panel, at) => {
        const { left, top, right, bottom } = page.crops[at]!;
        return {
          crop: [left, top, right, bottom],
          composition: Array.from(page.compositions[at]!),
          modalities: [...panel.modalities],
          ...sharesOf(panel, options),
          truncated: panel.truncated,
        };
      }),
    },
  };
}
