/**
 * Child process that runs a model in a bare loop over full batches of decoded panels: the rate that no server can exceed.
 * Argument: its priority, as os.setPriority takes it.
 */
import { readFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { panelsSchema } from '../../src/datasets/dataset-spec.ts';
import { readPagePanels } from '../../src/datasets/panel-files/page-panels.ts';
import type { EngineItem } from '../../src/inference/engine-types.ts';
import { cutCrop } from '../../src/preprocess/augment/cut-crop.ts';
import { decodeImage } from '../../src/preprocess/image/decode-image.ts';
import { loadTokenizer } from '../../src/preprocess/text-tokenizer.ts';
import { loadServedModel } from '../bench-models.ts';
import { makeExamplePage } from '../jobs/example-corpus.ts';
import { handleRequests, sendReady } from '../runner/child-processes.ts';
import { measureRate } from '../runner/rounds.ts';
import { drawScene, PANEL_COMPOSITION, PANEL_TEXT, type PanelKind } from './panel-requests.ts';

export interface RawLoopRequest {
  /** The one panel of the load driver's requests over and over, or the panels of a job over the example pages */
  readonly panels: PanelKind | 'example-pages';
  readonly seconds: number;
}

/** Enough for a few batches of each example page */
const EXAMPLE_BATCHES = 8;
const MAX_PANELS = 16;
const PANEL_OPTIONS = panelsSchema.parse({ format: 'vlm' });

const [priority = '0'] = process.argv.slice(2);
setPriority(Number(priority));

const { config, model, runtime } = await loadServedModel();
const tokenizer = await loadTokenizer(model);
const batchesOf = new Map<RawLoopRequest['panels'], EngineItem[][]>();

handleRequests<RawLoopRequest, number>(async ({ panels, seconds }) => {
  const batches = batchesOf.get(panels) ?? (await makeBatches(panels));
  batchesOf.set(panels, batches);
  let runs = 0;
  return measureRate(seconds, async () => {
    const batch = batches[runs++ % batches.length] ?? [];
    await runtime.run(batch);
    return batch.length;
  });
});
sendReady();

async function makeBatches(panels: RawLoopRequest['panels']): Promise<EngineItem[][]> {
  if (panels !== 'example-pages') return [new Array<EngineItem>(config.maxBatch).fill(await makeScenePanel(panels))];
  const items: EngineItem[] = [];
  for (let page = 0; items.length < EXAMPLE_BATCHES * config.maxBatch; page++)
    items.push(...(await makePagePanels(page)));
  return Array.from({ length: EXAMPLE_BATCHES }, (_, i) => items.slice(i * config.maxBatch, (i + 1) * config.maxBatch));
}

async function makeScenePanel(kind: PanelKind): Promise<EngineItem> {
  const raster = await decodeImage(await drawScene(), config);
  const fullImage = { left: 0, top: 0, right: raster.width, bottom: raster.height };
  const pixels = await cutCrop(raster, fullImage, model.spec.vision);
  if (kind === 'image') return { pixels, tokens: null, composition: null, outputs: ['fused'] };
  const { tokens } = tokenizer.encode(PANEL_TEXT);
  return { pixels, tokens, composition: Float32Array.from(PANEL_COMPOSITION), outputs: ['fused'] };
}

async function makePagePanels(number: number): Promise<EngineItem[]> {
  const { image, panels: json } = makeExamplePage(number);
  const raster = await decodeImage(await readFile(image), config);
  const { panels } = readPagePanels(json, PANEL_OPTIONS, raster, MAX_PANELS);
  const items = panels.map(async ({ crop, composition, text }): Promise<EngineItem> => {
    const pixels = await cutCrop(raster, crop, model.spec.vision);
    return { pixels, tokens: text === null ? null : tokenizer.encode(text).tokens, composition, outputs: ['fused'] };
  });
  return Promise.all(items);
}
