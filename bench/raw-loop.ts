/** Child process: the same model in a bare loop over full batches of pixels, what no server can exceed. */
import type { EngineItem } from '../src/inference/contract.ts';
import { decodeImage } from '../src/preprocess/image/decode.ts';
import { resizeCrop } from '../src/preprocess/image/resize.ts';
import { announce, answer } from './child-side.ts';
import { drawPanel } from './panel.ts';
import { warmModel } from './runtime.ts';

export interface RawQuestion {
  readonly seconds: number;
}

const { config, model, runtime } = await warmModel();
const raster = await decodeImage(await drawPanel(), config);
const whole = { left: 0, top: 0, right: raster.width, bottom: raster.height };
const pixels = await resizeCrop(raster, whole, model.spec.vision.image_size);
const panel: EngineItem = { pixels, tokens: null, composition: null, outputs: ['fused'] };
const batch = new Array<EngineItem>(config.maxBatch).fill(panel);

answer<RawQuestion, number>(async ({ seconds }) => {
  const started = performance.now();
  let batches = 0;
  while (performance.now() - started < seconds * 1000) {
    await runtime.run(batch);
    batches++;
  }
  return (batches * batch.length) / ((performance.now() - started) / 1000);
});
announce({});
