import { createHash, hash } from 'node:crypto';
import type { EngineOutput } from '../inference/engine-types.ts';
import { encoderFingerprint } from '../model/fingerprint.ts';
import type { Model } from '../model/model.ts';
import type { Crop } from '../preprocess/image/resize-crop.ts';
import { hashJson } from '../util/hash-json.ts';
import { EventLoopYielder } from './event-loop-yielder.ts';

/** A collision would be a wrong vector. Processors have instructions for this one: 2 GB/s. */
const HASH = 'sha256';
const SLICE_BYTES = 2 ** 20;

/**
 * The keys of the features of a model's inputs. Equal keys have equal features: they hold the encoder and the content, and neither
 * the head nor the name of the model. They are for one process: the versions of decoders are not in them.
 */
export interface FeatureKeys {
  /** @param digest of the image file; @param crop null for the whole picture */
  picture(digest: string, crop: Crop | null): string;
  text(tokens: Int32Array): string;
}

const keysByModel = new WeakMap<Model, { readonly pooled: FeatureKeys; readonly zeroShot: FeatureKeys }>();

/** The keys of the features that the outputs are made of: pooled ones, or those that pictures and labels are compared by. */
export function featureKeysOf(model: Model, outputs: readonly EngineOutput[]): FeatureKeys {
  const keys = keysByModel.get(model) ?? { pooled: pooledKeys(model), zeroShot: zeroShotKeys(model) };
  keysByModel.set(model, keys);
  return outputs.includes('zero_shot') ? keys.zeroShot : keys.pooled;
}

function pooledKeys({ spec }: Model): FeatureKeys {
  const { backbones, grid_views: gridViews } = spec.vision;
  const encoders = backbones.map((backbone) => [backbone.name, encoderFingerprint(spec, backbone)]);
  return makeKeys(hashJson({ encoders, gridViews }), encoderFingerprint(spec, spec.text));
}

function zeroShotKeys({ spec }: Model): FeatureKeys {
  const fingerprint = hashJson({ zeroShot: spec });
  return makeKeys(fingerprint, fingerprint);
}

function makeKeys(visionFingerprint: string, textFingerprint: string): FeatureKeys {
  return {
    picture(digest, crop) {
      const place = crop === null ? '' : [crop.left, crop.top, crop.right, crop.bottom].join();
      return `picture ${visionFingerprint} ${digest} ${place}`;
    },
    text(tokens) {
      const bytes = new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength);
      return `text ${textFingerprint} ${hash(HASH, bytes, 'base64')}`;
    },
  };
}

/** Hashes the bytes of an image. Large ones are hashed in slices, with other work of the event loop in between. */
export async function hashImage(bytes: Uint8Array): Promise<string> {
  if (bytes.byteLength <= SLICE_BYTES) return hash(HASH, bytes, 'base64');
  const yielder = new EventLoopYielder();
  const imageHash = createHash(HASH);
  for (let start = 0; start < bytes.byteLength; start += SLICE_BYTES) {
    imageHash.update(bytes.subarray(start, start + SLICE_BYTES));
    await yielder.yieldIfDue();
  }
  return imageHash.digest('base64');
}
