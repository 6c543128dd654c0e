/**
 * Child process that runs a model in a bare loop over full batches: the rate that no server can exceed. Arguments: its
 * priority, as os.setPriority takes it, and its threads; those of the settings if they are left out.
 */
import { readFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { panelsSchema } from '../../src/datasets/dataset-spec.ts';
import { readPagePanels } from '../../src/datasets/panel-files/page-panels.ts';
import type { EngineItem } from '../../src/inference/engine-types.ts';
import { cutCrop } from '../../src/preprocess/augment/cut-crop.ts';
import { decodeImage, decodePicture } from '../../src/preprocess/image/decode-image.ts';
import { loadTokenizer } from '../../src/preprocess/text-tokenizer.ts';
import { loadServedModel } from '../bench-models.ts';
import { makeExamplePage } from '../jobs/example-corpus.ts';
import { handleRequests, sendReady } from '../runner/child-processes.ts';
import { measureRate } from '../runner/rounds.ts';
import { drawScene } from './draw-scene.ts';
import { PANEL_COMPOSITION, PANEL_TEXT, type PanelKind } from './panel-requests.ts';

export interface RawLoopRequest {
  /** The one panel of the load driver's requests over and over, or the panels of a job over the example pages */
  readonly panels: Exclude<PanelKind, 'text'> | 'example-pages';
  readonly seconds: number;
  /** Whether it decodes a JPEG for each panel while the batch before runs, as a service must; else panels are decoded once */
  readonly decodes?: boolean;
}

/** Enough for a few batches of each example page */
const EXAMPLE_BATCHES = 8;
const MAX_PANELS = 16;
const PANEL_OPTIONS = panelsSchema.parse({ format: 'vlm' });

const [priority = '0', threads] = process.argv.slice(2);
setPriority(Number(priority));

const { config, model, runtime } = await loadServedModel(threads === undefined ? undefined : Number(threads));
const tokenizer = await loadTokenizer(model);
const batchesOf = new Map<RawLoopRequest['panels'], EngineItem[][]>();

handleRequests<RawLoopRequest, number>(async ({ panels, seconds, decodes = false }) => {
  if (decodes) return measureWithDecoding(seconds);
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

/** Panels per second from JPEGs, one of which is decoded at a time. */
async function measureWithDecoding(seconds: number): Promise<number> {
  const jpeg = await drawScene();
  const decodeBatch = async () => {
    const batch: EngineItem[] = [];
    while (batch.length < config.maxBatch) {
      const pixels = await decodePicture(jpeg, model.spec.vision, config);
      batch.push({ pixels, tokens: null, composition: null, outputs: ['fused'] });
    }
    return batch;
  };
  let next = decodeBatch();
  const rate = await measureRate(seconds, async () => {
    const batch = await next;
    next = decodeBatch();
    await runtime.run(batch);
    return batch.length;
  });
  await next;
  return rate;
}

async function makeBatches(panels: RawLoopRequest['panels']): Promise<EngineItem[][]> {
  if (panels !== 'example-pages') return [new Array<EngineItem>(config.maxBatch).fill(await makeScenePanel(panels))];
  const items: EngineItem[] = [];
  for (let page = 0; items.length < EXAMPLE_BATCHES * config.maxBatch; page++)
    items.push(...(await makePagePanels(page)));
  return Array.from({ length: EXAMPLE_BATCHES }, (_, i) => items.slice(i * config.maxBatch, (i + 1) * config.maxBatch));
}

async function makeScenePanel(kind: 'image' | 'multimodal'): Promise<EngineItem> {
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
