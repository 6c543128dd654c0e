import { createHash } from 'node:crypto';
import type { FeatureCache } from '../../feature-cache/feature-cache.ts';
import { featureKey } from '../../feature-cache/feature-key.ts';
import type { PooledFeatures } from '../../inference/engine-types.ts';
import { encoderFingerprint, PREPROCESS_VERSION } from '../../model/fingerprint.ts';
import type { Model } from '../../model/model.ts';
import { DECODER_VERSION } from '../../preprocess/image/decode-image.ts';
import type { ImageFile } from '../../preprocess/image/open-image.ts';
import type { Crop } from '../../preprocess/image/resize-crop.ts';

/** The cached features of panels. Their keys hold all that the encoders depend on, and not the head. */
export class PageFeatures {
  readonly #features: FeatureCache;
  readonly #backbones: readonly { readonly name: string; readonly width: number; readonly fingerprint: string }[];
  readonly #text: { readonly width: number; readonly fingerprint: string };
  readonly #imageSize: number;

  constructor(features: FeatureCache, { spec }: Model) {
    this.#features = features;
    this.#imageSize = spec.vision.image_size;
    this.#backbones = spec.vision.backbones.map((backbone) => ({
      name: backbone.name,
      width: backbone.features,
      fingerprint: encoderFingerprint(spec, backbone),
    }));
    this.#text = { width: spec.text.features, fingerprint: encoderFingerprint(spec, spec.text) };
  }

  /**
   * The cached features of a panel; vision is there for all backbones or none. The key has the hash of the page and the crop
   * in place of pixels, so that a lookup decodes nothing.
   */
  lookup(digest: string, crop: Crop, tokens: Int32Array | null): PooledFeatures {
    const visionFeatures = this.#backbones.map(({ name, width, fingerprint }) => {
      const features = this.#features.get(this.#visionKey(fingerprint, digest, crop), width);
      return [name, features] as const;
    });
    const textFeatures = tokens
      ? this.#features.get(textKey(this.#text.fingerprint, tokens), this.#text.width)
      : undefined;
    return {
      ...(visionFeatures.every(([, features]) => features) && {
        vision: Object.fromEntries(visionFeatures) as Record<string, Float32Array>,
      }),
      ...(textFeatures && { text: textFeatures }),
    };
  }

  save(digest: string, crop: Crop, tokens: Int32Array | null, { vision, text }: PooledFeatures): void {
    for (const { name, fingerprint } of this.#backbones) {
      const features = vision?.[name];
      if (features) this.#features.put(this.#visionKey(fingerprint, digest, crop), features);
    }
    if (tokens && text) this.#features.put(textKey(this.#text.fingerprint, tokens), text);
  }

  #visionKey(fingerprint: string, digest: string, { left, top, right, bottom }: Crop): Buffer {
    const keyParts = [digest, left, top, right, bottom, this.#imageSize, PREPROCESS_VERSION, DECODER_VERSION];
    return featureKey(fingerprint, keyParts);
  }
}

/** The hash of a page's file, which stands for its pixels in keys. */
export function hashPage({ bytes }: ImageFile): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function textKey(fingerprint: string, tokens: Int32Array): Buffer {
  return featureKey(fingerprint, [new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength)]);
}
