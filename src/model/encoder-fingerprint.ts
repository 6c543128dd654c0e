import { createHash } from 'node:crypto';
import { canonicalJson } from '../util/json.ts';
import { type BackboneSpec, encoderFile, type ModelSpec, type TextSpec } from './model-spec.ts';

/** To be raised with every change to a graph here that changes what it computes: features that were kept are then not found. */
const GRAPHS_VERSION = 1;

/**
 * What decides the pooled features of a frozen encoder, whatever head stands on it: its weights and precision, and how
 * pixels are normalised. Two models with equal encoders share it, whatever they call their files.
 */
export function encoderFingerprint(spec: ModelSpec, encoderSpec: BackboneSpec | TextSpec): string {
  const name = encoderFile(encoderSpec.encoder);
  const vision = 'mean' in encoderSpec && {
    mean: encoderSpec.mean,
    std: encoderSpec.std,
    image_size: spec.vision.image_size,
  };
  const encoder = Object.entries(encoderSpec.encoder).filter(([, value]) => value !== name);
  const content = {
    graphs: GRAPHS_VERSION,
    encoder: Object.fromEntries(encoder),
    weights: spec.files[name]!.sha256,
    features: encoderSpec.features,
    vision,
  };
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}
