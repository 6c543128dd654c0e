import { hashJson } from '../util/hash-json.ts';
import { ModelError } from './model-error.ts';
import { type BackboneSpec, encoderFile, type ModelSpec, spaceFiles, type TextSpec } from './model-spec.ts';

/** To be raised with every change to the graphs that changes their results: cached features are then computed again. */
const GRAPHS_VERSION = 1;
/**
 * To be raised with every change to preprocessing that changes a pixel, a crop, a token, or what counts as absent: spaces and the
 * keys of cached features then differ from those before. It stands here because rooms below `preprocess` need it.
 */
export const PREPROCESS_VERSION = 2;
const SPACE_DIGITS = 16;

/**
 * Fingerprint of a vector space. Two vectors may be compared only if they have the same one. It covers the weights' hashes,
 * the description of encoders and fusion, and how inputs are prepared, but not name and version of the model, device, threads,
 * or how labels are scored.
 */
export function spaceFingerprint(spec: ModelSpec): string {
  const { dimensions, text, head } = spec;
  // A single view is left out: spaces are those of models from before there were more.
  const { grid_views: gridViews, ...otherVision } = spec.vision;
  const vision = gridViews === 1 ? otherVision : spec.vision;
  const hashes = spaceFiles(spec).map((file) => fileHash(spec, file));
  return hashJson({ preprocess: PREPROCESS_VERSION, dimensions, vision, text, head, hashes }).slice(0, SPACE_DIGITS);
}

/**
 * Fingerprint of everything that decides the pooled features of a frozen encoder: weights, precision and normalisation, but
 * no head. Models with equal encoders share it, whatever the names of their files.
 */
export function encoderFingerprint(spec: ModelSpec, encoderSpec: BackboneSpec | TextSpec): string {
  const file = encoderFile(encoderSpec.encoder);
  const vision = 'mean' in encoderSpec && {
    mean: encoderSpec.mean,
    std: encoderSpec.std,
    image_size: spec.vision.image_size,
  };
  const encoder = Object.entries(encoderSpec.encoder).filter(([, value]) => value !== file);
  return hashJson({
    graphs: GRAPHS_VERSION,
    encoder: Object.fromEntries(encoder),
    weights: fileHash(spec, file),
    features: encoderSpec.features,
    vision,
  });
}

function fileHash({ files }: ModelSpec, name: string): string {
  const hash = files[name]?.sha256;
  if (hash === undefined) throw new ModelError(`files: "${name}" is not listed`);
  return hash;
}
