/** Child process: the model in a bare loop over full batches of the panels that a job embeds, ready and in its order. */
import { readFile } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { readPagePanels } from '../../src/datasets/page-panels.ts';
import type { EngineItem } from '../../src/inference/engine-types.ts';
import { decodeImage } from '../../src/preprocess/image/decode-image.ts';
import { resizeCrop } from '../../src/preprocess/image/resize-crop.ts';
import { loadTokenizer } from '../../src/preprocess/text-tokenizer.ts';
import { handleRequests, sendReady } from '../child-protocol.ts';
import { warmModel } from '../warm-model.ts';
import { examplePage } from './example-pages.ts';

export interface RawPanelsRequest {
  readonly seconds: number;
}

/** As many as a few batches of each page need. */
const BATCHES = 8;
const MAX_PANELS = 16;

// That of an engine: whatever else the machine does takes as much from both.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

const { config, model, runtime } = await warmModel();
const tokenizer = await loadTokenizer(model);
const batches = await readyBatches();

handleRequests<RawPanelsRequest, number>(async ({ seconds }) => {
  const started = performance.now();
  let panels = 0;
  for (let i = 0; performance.now() - started < seconds * 1000; i++) {
    const batch = batches[i % batches.length]!;
    await runtime.run(batch);
    panels += batch.length;
  }
  return panels / ((performance.now() - started) / 1000);
});
sendReady({});

async function readyBatches(): Promise<EngineItem[][]> {
  const panels: EngineItem[] = [];
  for (let page = 0; panels.length < BATCHES * config.maxBatch; page++) panels.push(...(await readyPage(page)));
  return Array.from({ length: BATCHES }, (_, i) => panels.slice(i * config.maxBatch, (i + 1) * config.maxBatch));
}

async function readyPage(number: number): Promise<EngineItem[]> {
  const { image, panels: json } = examplePage(number);
  const raster = await decodeImage(await readFile(image), config);
  const { panels } = readPagePanels(json, 'vlm', raster, MAX_PANELS);
  const ready = panels.map(async ({ crop, composition, text }): Promise<EngineItem> => {
    const pixels = await resizeCrop(raster, crop, model.spec.vision.image_size);
    return { pixels, tokens: text === null ? null : tokenizer.encode(text).tokens, composition, outputs: ['fused'] };
  });
  return Promise.all(ready);
}
