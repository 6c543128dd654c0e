import { STAGE3_SIZES } from '../../src/model-tools/stage3-base/stage3-files.ts';
import { ort } from '../../src/onnxruntime/session.ts';
import { SeededRandom } from '../../src/util/seeded-random.ts';
import type { Encoder } from './contestants.ts';

/** What inputs are called in all graphs. */
export const INPUTS = { images: 'images', ids: 'input_ids', mask: 'attention_mask' } as const;
export const IMAGE_SIZE = STAGE3_SIZES.siglip.imageSize;
const TEXT_TOKENS = 64;
const SEED = 7;

type Feeds = Readonly<Record<string, ort.Tensor>>;

/** The same numbers for all contestants: images as normalisation leaves them, or whole texts of any words. */
export function encoderFeeds(encoder: Encoder, batch: number): Feeds {
  return encoder === 'minilm' ? texts(batch) : images(batch);
}

function images(batch: number): Feeds {
  const shape = [batch, 3, IMAGE_SIZE, IMAGE_SIZE];
  const random = new SeededRandom(SEED);
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal());
  return { [INPUTS.images]: new ort.Tensor('float32', values, shape) };
}

function texts(batch: number): Feeds {
  const shape = [batch, TEXT_TOKENS];
  const random = new SeededRandom(SEED);
  const word = () => BigInt(Math.floor(random.uniform() * STAGE3_SIZES.text.vocabulary));
  const ids = BigInt64Array.from({ length: batch * TEXT_TOKENS }, word);
  const mask = new BigInt64Array(ids.length).fill(1n);
  return { [INPUTS.ids]: new ort.Tensor('int64', ids, shape), [INPUTS.mask]: new ort.Tensor('int64', mask, shape) };
}
