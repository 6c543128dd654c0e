import type { PageEntry } from '../../datasets/index-pages.ts';
import { type DatasetPanel, type PagePanels, readPagePanels } from '../../datasets/page-panels.ts';
import { oneLine, PanelvecError } from '../../errors.ts';
import type { EngineItem, PooledFeatures } from '../../inference/contract.ts';
import { decodeImage, measureImage } from '../../preprocess/image/decode.ts';
import { resizeCrop } from '../../preprocess/image/resize.ts';
import { allSettled } from '../../settled.ts';
import { isFiniteVector } from '../../vectors/finish.ts';
import type { ComputedModel, Resources } from '../job-kind.ts';
import type { EmbedSpec } from './embed-spec.ts';
import { type PageFeatures, pageDigest } from './page-features.ts';
import { PageProblem, readPageFile } from './page-file.ts';

/** A page as it goes into the store. One that could not be read has a problem, and no panels. */
export interface EmbeddedPage {
  readonly canonicalId: string;
  /** Each of the model's dimensions */
  readonly vectors: readonly Float32Array[];
  readonly summary: string;
  readonly problem: { readonly reason: string; readonly detail: string } | null;
  readonly skipped: PagePanels['skipped'];
  readonly notes: PagePanels['notes'];
}

export interface PageWork {
  readonly spec: EmbedSpec;
  readonly computed: ComputedModel;
  readonly features: PageFeatures;
  readonly resources: Resources;
  readonly signal: AbortSignal;
}

/** Errors of the page itself; any other is not its fault, and ends the task. */
const PAGE_ERRORS = new Set([
  'image_unreadable',
  'image_too_large',
  'unsupported_media_type',
  'invalid_request',
  'inference_failed',
  'vector_not_finite',
]);

const PANELS = { missing: 'panels_missing', tooLarge: 'panels_too_large' };
const IMAGE = { missing: 'image_missing', tooLarge: 'image_too_large' };

/** One page, read and decoded once. What is wrong with it is part of the answer. */
export async function embedPage(page: PageEntry, work: PageWork): Promise<EmbeddedPage> {
  work.signal.throwIfAborted();
  try {
    return await readAndEmbed(page, work);
  } catch (error) {
    const code = error instanceof PanelvecError ? error.code : undefined;
    if (code === undefined || !PAGE_ERRORS.has(code)) throw error;
    const problem = { reason: (error as PageProblem).reason ?? code, detail: oneLine(error) };
    return { canonicalId: page.canonicalId, vectors: [], summary: '', problem, skipped: [], notes: [] };
  }
}

async function readAndEmbed(page: PageEntry, work: PageWork): Promise<EmbeddedPage> {
  const { spec, resources } = work;
  const json = parsePanels(await readPageFile(page.panelsPath, PANELS, resources), page.panelsPath);
  const bytes = await readPageFile(page.imagePath, IMAGE, resources);
  const size = await measureImage(bytes, resources.imageLimits);
  const { format } = spec.dataset.panels;
  const read = readPagePanels(json, format, size, spec.dataset.max_panels_per_page);
  if (read.problem) throw new PageProblem(read.problem, `${page.panelsPath} has no panels`);
  const { skipped, notes, overallSummary: summary } = read;
  const vectors = await embedPanels(bytes, read.panels, work);
  return { canonicalId: page.canonicalId, vectors, summary, problem: null, skipped, notes };
}

async function embedPanels(bytes: Buffer, panels: readonly DatasetPanel[], work: PageWork): Promise<Float32Array[]> {
  const { computed, features, signal } = work;
  const digest = pageDigest(bytes);
  const { model, tokenizer } = computed.served;
  const tokens = panels.map(({ text }) => (text === null || !tokenizer ? null : tokenizer.encode(text).tokens));
  const known = panels.map(({ crop }, at) => features.known(digest, crop, tokens[at]!));
  const pixels = await cutOut(bytes, panels, known, work);
  const jobs = panels.map(async (panel, at) => {
    const item: EngineItem = {
      pixels: pixels[at]!,
      tokens: tokens[at]!,
      composition: panel.composition,
      outputs: ['fused'],
      known: known[at]!,
      wantsFeatures: true,
    };
    const result = await computed.engines.bulk(model.id, item, signal);
    if (result.features) features.keep(digest, panel.crop, tokens[at]!, result.features);
    const vector = result.vectors.fused!;
    if (isFiniteVector(vector)) return vector;
    throw new PanelvecError('vector_not_finite', `the model gives no finite vector for panel ${panel.at}`);
  });
  return allSettled(jobs);
}

/** Pixels of the panels whose features are not known. Nothing is decoded where all are. */
async function cutOut(
  bytes: Buffer,
  panels: readonly DatasetPanel[],
  known: readonly PooledFeatures[],
  { computed, resources, signal }: PageWork,
): Promise<(Uint8Array | null)[]> {
  if (known.every(({ vision }) => vision)) return panels.map(() => null);
  const { image_size: size } = computed.served.model.spec.vision;
  return resources.decodes(async () => {
    signal.throwIfAborted();
    const raster = await decodeImage(bytes, resources.imageLimits);
    // One after the other: a page at a time is a thread at a time, and the engines have the rest.
    const pixels: (Uint8Array | null)[] = [];
    for (const [at, { crop }] of panels.entries()) {
      pixels.push(known[at]!.vision ? null : await resizeCrop(raster, crop, size));
    }
    return pixels;
  });
}

function parsePanels(bytes: Buffer, file: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new PageProblem('panels_unreadable', `${file}: ${oneLine(cause)}`, cause);
  }
}
