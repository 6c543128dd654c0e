/**
 * Measures the retrieval of models on comics that they were not trained on, for a model card:
 *
 *     node scripts/measure-heads.ts --dataset FOLDER --held-out "Book A,Book B" MODEL...
 *
 * FOLDER has manifest.csv, pss_labels.json and vlm/. Queries are the panels of the held-out books, and are searched for among
 * all panels of the dataset. Prints a table with a column for each model.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import pino from 'pino';
import sharp from 'sharp';
import { readConfig } from '../src/config.ts';
import { type Dataset, datasetSchema } from '../src/datasets/dataset-spec.ts';
import { bookOfPage } from '../src/datasets/identifiers.ts';
import { indexPages, type PageEntry } from '../src/datasets/index-pages.ts';
import { readPagePanels } from '../src/datasets/panel-files/page-panels.ts';
import type { ServedModel } from '../src/embedding/served-models.ts';
import type { EngineItem } from '../src/inference/engine-types.ts';
import type { PictureFormat } from '../src/model/model-spec.ts';
import { cutCrop } from '../src/preprocess/augment/cut-crop.ts';
import { decodeImage } from '../src/preprocess/image/decode-image.ts';
import type { Crop, Raster } from '../src/preprocess/image/resize-crop.ts';
import { createServices, type Services } from '../src/services.ts';
import { computeRetrievalMetrics, type RetrievalVectors } from '../src/training/validation/retrieval-metrics.ts';

/** A snapshot as a reader might take it: cropped tighter, small, strongly compressed */
const SNAPSHOT = { inset: 0.06, width: 160, quality: 40 } as const;

interface Panel {
  readonly page: number;
  readonly isHeldOut: boolean;
  readonly pixels: Uint8Array;
  readonly snapshot: Uint8Array;
  readonly tokens: Int32Array | null;
  readonly composition: Float32Array;
}

type View = 'whole' | 'image' | 'snapshot' | 'text';

async function readPanels(dataset: Dataset, heldOut: ReadonlySet<string>, served: ServedModel, services: Services) {
  const entries: PageEntry[] = [];
  await indexPages(dataset, { onPage: (page) => void entries.push(page), onSkipped: () => {} });
  const { tokenizer } = served;
  if (tokenizer === undefined) throw new Error(`${served.model.id} has no tokenizer`);
  const panels: Panel[] = [];
  for (const [page, { imagePath, panelsPath, canonicalId }] of entries.entries()) {
    const raster = await decodeImage(await readFile(imagePath), services.config);
    const json = JSON.parse(await readFile(panelsPath ?? '', 'utf8'));
    const { vision } = served.model.spec;
    const pagePanels = readPagePanels(json, dataset.panels, raster, dataset.max_panels_per_page);
    for (const { crop, composition, text } of pagePanels.panels) {
      const pixels = await cutCrop(raster, crop, vision);
      const snapshot = await makeSnapshot(raster, crop, vision);
      const tokens = text === null ? null : tokenizer.encode(text).tokens;
      panels.push({ page, isHeldOut: heldOut.has(bookOfPage(canonicalId)), pixels, snapshot, tokens, composition });
    }
  }
  return panels;
}

async function makeSnapshot(
  { data, width, height }: Raster,
  { left, top, right, bottom }: Crop,
  format: PictureFormat,
) {
  const inset = (side: number) => Math.floor(side * SNAPSHOT.inset);
  const [insetX, insetY] = [inset(right - left), inset(bottom - top)];
  const region = {
    left: left + insetX,
    top: top + insetY,
    width: right - left - 2 * insetX,
    height: bottom - top - 2 * insetY,
  };
  const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
    .extract(region)
    .resize({ width: SNAPSHOT.width })
    .jpeg({ quality: SNAPSHOT.quality })
    .toBuffer();
  const decoded = await sharp(jpeg).toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const raster = { data: decoded.data, width: decoded.info.width, height: decoded.info.height };
  return cutCrop(raster, { left: 0, top: 0, right: raster.width, bottom: raster.height }, format);
}

function toEngineItem({ pixels, snapshot, tokens, composition }: Panel, view: View): EngineItem {
  const emptyItem = { pixels: null, tokens: null, composition: null, outputs: ['fused'] } as const;
  if (view === 'whole') return { ...emptyItem, pixels, tokens, composition };
  if (view === 'text') return { ...emptyItem, tokens };
  return { ...emptyItem, pixels: view === 'image' ? pixels : snapshot };
}

async function embedPanels(panels: readonly Panel[], view: View, { model }: ServedModel, { pool }: Services) {
  const { dimensions } = model.spec;
  const vectors = new Float32Array(panels.length * dimensions);
  const promises = panels.map(async (panel, row) => {
    if (view === 'text' && panel.tokens === null) return;
    const { fused } = (await pool.runBulk(model.id, toEngineItem(panel, view))).vectors;
    if (fused === undefined) throw new Error(`panel ${row} has no fused vector`);
    vectors.set(fused, row * dimensions);
  });
  await Promise.all(promises);
  return vectors;
}

async function measure(panels: readonly Panel[], served: ServedModel, services: Services): Promise<number[]> {
  const { dimensions } = served.model.spec;
  const embed = (view: View) => embedPanels(panels, view, served, services);
  const [whole, image, snapshot, text] = await Promise.all([
    embed('whole'),
    embed('image'),
    embed('snapshot'),
    embed('text'),
  ]);
  const allVectors: RetrievalVectors = {
    dimensions,
    whole,
    image,
    text,
    page: panels.map(({ page }) => page),
    hasImage: panels.map(({ isHeldOut }) => isHeldOut),
    hasText: panels.map(({ isHeldOut, tokens }) => isHeldOut && tokens !== null),
  };
  const heldOutRows = panels.flatMap((panel, row) => (panel.isHeldOut ? [row] : []));
  const heldOutPanels = panels.filter(({ isHeldOut }) => isHeldOut);
  const selectRows = (vectors: Float32Array) =>
    Float32Array.from(heldOutRows.flatMap((row) => [...vectors.subarray(row * dimensions, (row + 1) * dimensions)]));
  const measures = computeRetrievalMetrics(allVectors);
  const heldOutMeasures = computeRetrievalMetrics({
    ...allVectors,
    whole: selectRows(whole),
    image: selectRows(image),
    text: selectRows(text),
    page: heldOutPanels.map(({ page }) => page),
    hasImage: heldOutRows.map(() => false),
    hasText: heldOutRows.map(() => false),
  });
  return [
    measures.image_to_panel_recall_at_1,
    computeRetrievalMetrics({ ...allVectors, image: snapshot }).image_to_panel_recall_at_1,
    measures.text_to_panel_recall_at_5,
    measures.text_to_image_recall_at_5,
    heldOutMeasures.same_page_precision,
  ];
}

const ROW_TITLES = [
  'image alone finds its stored panel, recall@1',
  'snapshot of it finds its stored panel, recall@1',
  'text alone finds its stored panel, recall@5',
  'text alone finds its picture alone, recall@5',
  'same-page precision among held-out panels',
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { dataset: { type: 'string' }, 'held-out': { type: 'string' } },
});
const { dataset: folderOption, 'held-out': heldOutBooks } = values;
if (folderOption === undefined || heldOutBooks === undefined) throw new Error('--dataset and --held-out are missing');
const folder = path.resolve(folderOption);
const dataset = datasetSchema.parse({
  manifest: path.join(folder, 'manifest.csv'),
  pss_labels: path.join(folder, 'pss_labels.json'),
  panels: { format: 'vlm', root: path.join(folder, 'vlm') },
});
const config = { ...readConfig(), models: positionals };
const services = await createServices(config, pino({ level: 'silent' }));
try {
  const servedModels = services.models.all.map(({ id }) => services.models.find(id));
  const [firstModel] = servedModels;
  if (firstModel === undefined) throw new Error('no model is given');
  const panels = await readPanels(dataset, new Set(heldOutBooks.split(',')), firstModel, services);
  const columns: number[][] = [];
  for (const model of servedModels) columns.push(await measure(panels, model, services));
  const heldOutPanels = panels.filter((panel) => panel.isHeldOut);
  console.log(
    `${heldOutPanels.length} held-out panels, ${heldOutPanels.filter(({ tokens }) => tokens).length} with text, among ${panels.length}`,
  );
  console.log(
    `| | ${servedModels.map(({ model }) => model.id).join(' | ')} |\n|---|${servedModels.map(() => '---|').join('')}`,
  );
  for (const [row, name] of ROW_TITLES.entries()) {
    console.log(`| ${name} | ${columns.map((column) => column[row]?.toFixed(3) ?? '').join(' | ')} |`);
  }
} finally {
  await services.pool.stop();
}
