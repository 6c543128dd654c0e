/** Child process: the same model in a bare loop over full batches of ready panels, what no server can exceed. */
import type { EngineItem } from '../src/inference/engine-types.ts';
import { decodeImage } from '../src/preprocess/image/decode-image.ts';
import { resizeCrop } from '../src/preprocess/image/resize-crop.ts';
import { loadTokenizer } from '../src/preprocess/text-tokenizer.ts';
import { handleRequests, sendReady } from './child-protocol.ts';
import { drawPanel } from './draw-panel.ts';
import { PANEL_COMPOSITION, PANEL_TEXT, type PanelKind } from './requests.ts';
import { warmModel } from './warm-model.ts';

export interface RawRequest {
  readonly panel: PanelKind;
  readonly seconds: number;
}

const { config, model, runtime } = await warmModel();

handleRequests<RawRequest, number>(async ({ panel, seconds }) => {
  const batch = new Array<EngineItem>(config.maxBatch).fill(await readyPanel(panel));
  const started = performance.now();
  let batches = 0;
  while (performance.now() - started < seconds * 1000) {
    await runtime.run(batch);
    batches++;
  }
  return (batches * batch.length) / ((performance.now() - started) / 1000);
});
sendReady({});

async function readyPanel(kind: PanelKind): Promise<EngineItem> {
  const raster = await decodeImage(await drawPanel(), config);
  const fullImage = { left: 0, top: 0, right: raster.width, bottom: raster.height };
  const pixels = await resizeCrop(raster, fullImage, model.spec.vision.image_size);
  if (kind === 'image') return { pixels, tokens: null, composition: null, outputs: ['fused'] };
  const { tokens } = (await loadTokenizer(model)).encode(PANEL_TEXT);
  return { pixels, tokens, composition: Float32Array.from(PANEL_COMPOSITION), outputs: ['fused'] };
}
