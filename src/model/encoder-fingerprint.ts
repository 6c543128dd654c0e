import { createHash } from 'node:crypto';
import { canonicalJson } from './fingerprint.ts';
import { type BackboneSpec, encoderFile, type ModelSpec, type TextSpec } from './model-spec.ts';

/** To be raised with every change to a graph here that changes what it computes: features that were kept are then not found. */
const GRAPHS_VERSION = 1;

/**
 * What decides the pooled features of a frozen encoder, whatever head stands on it: its weights and precision, and how
 * pixels are normalised. Two models with equal encoders share it, whatever they call their files.
 */
export function encoderFingerprint(spec: ModelSpec, part: BackboneSpec | TextSpec): string {
  const name = encoderFile(part.encoder);
  const vision = 'mean' in part && { mean: part.mean, std: part.std, image_size: spec.vision.image_size };
  const encoder = Object.entries(part.encoder).filter(([, value]) => value !== name);
  const what = {
    graphs: GRAPHS_VERSION,
    encoder: Object.fromEntries(encoder),
    weights: spec.files[name]!.sha256,
    features: part.features,
    vision,
  };
  return createHash('sha256').update(canonicalJson(what)).digest('hex');
}
