import { createHash } from 'node:crypto';
import type { FeatureCache } from '../../feature-cache/feature-cache.ts';
import { featureKey } from '../../feature-cache/feature-key.ts';
import type { PooledFeatures } from '../../inference/engine-types.ts';
import { encoderFingerprint, PREPROCESS_VERSION } from '../../model/fingerprint.ts';
import type { Model } from '../../model/model.ts';
import type { PictureFormat } from '../../model/model-spec.ts';
import { type ChangedCrop, changeKey } from '../../preprocess/augment/picture-change.ts';
import { DECODER_VERSION } from '../../preprocess/image/decode-image.ts';
import type { ImageFile } from '../../preprocess/image/open-image.ts';

/** The pooled features of one picture, by backbone. */
export type PictureFeatures = NonNullable<PooledFeatures['vision']>;

/** The cached features of panels. Their keys hold all that the encoders depend on, and not the head. */
export class PageFeatures {
  readonly #features: FeatureCache;
  readonly #backbones: readonly { readonly name: string; readonly width: number; readonly fingerprint: string }[];
  readonly #text: { readonly width: number; readonly fingerprint: string };
  readonly #format: PictureFormat;

  constructor(features: FeatureCache, { spec }: Model) {
    this.#features = features;
    this.#format = spec.vision;
    this.#backbones = spec.vision.backbones.map((backbone) => ({
      name: backbone.name,
      width: backbone.features,
      fingerprint: encoderFingerprint(spec, backbone),
    }));
    this.#text = { width: spec.text.features, fingerprint: encoderFingerprint(spec, spec.text) };
  }

  /** The cached features of a panel. */
  lookup(digest: string, crop: ChangedCrop, tokens: Int32Array | null): PooledFeatures {
    const vision = this.lookupVision(digest, crop);
    const text = tokens ? this.lookupText(tokens) : undefined;
    return { ...(vision && { vision }), ...(text && { text }) };
  }

  save(digest: string, crop: ChangedCrop, tokens: Int32Array | null, { vision, text }: PooledFeatures): void {
    if (vision) this.saveVision(digest, crop, vision);
    if (tokens && text) this.saveText(tokens, text);
  }

  /**
   * The cached features of a picture, of all backbones or none. The key has the hash of the page and the crop in place of
   * pixels, so that a lookup decodes nothing.
   */
  lookupVision(digest: string, crop: ChangedCrop): PictureFeatures | undefined {
    const visionFeatures = this.#backbones.map(({ name, width, fingerprint }) => {
      const features = this.#features.get(this.#visionKey(fingerprint, digest, crop), width);
      return [name, features] as const;
    });
    if (!visionFeatures.every(([, features]) => features)) return undefined;
    return Object.fromEntries(visionFeatures) as Record<string, Float32Array>;
  }

  saveVision(digest: string, crop: ChangedCrop, vision: PictureFeatures): void {
    for (const { name, fingerprint } of this.#backbones) {
      const features = vision[name];
      if (features) this.#features.put(this.#visionKey(fingerprint, digest, crop), features);
    }
  }

  lookupText(tokens: Int32Array): Float32Array | undefined {
    return this.#features.get(textKey(this.#text.fingerprint, tokens), this.#text.width);
  }

  saveText(tokens: Int32Array, features: Float32Array): void {
    this.#features.put(textKey(this.#text.fingerprint, tokens), features);
  }

  #visionKey(fingerprint: string, digest: string, crop: ChangedCrop): Buffer {
    const { left, top, right, bottom } = crop;
    const { image_size: size, grid_views: gridViews } = this.#format;
    const keyParts = [digest, left, top, right, bottom, size, PREPROCESS_VERSION, DECODER_VERSION];
    const viewsKey = gridViews === 1 || crop.isOneView ? [] : ['grid_views', gridViews];
    return featureKey(fingerprint, [...keyParts, ...changeKey(crop), ...viewsKey]);
  }
}

/** The hash of a page's file, which stands for its pixels in keys. */
export function hashPage({ bytes }: ImageFile): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function textKey(fingerprint: string, tokens: Int32Array): Buffer {
  return featureKey(fingerprint, [new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength)]);
}
