import { createHash } from 'node:crypto';
import { canonicalJson } from '../util/json.ts';
import type { ModelSpec } from './model-spec.ts';
import { requiredFiles } from './model-spec.ts';

/**
 * The space fingerprint: vectors may be compared exactly when theirs are equal. It covers the weights' hashes, the
 * description of encoders, preprocessing and fusion, but not the model's name and version, nor the device and threads.
 */
export function spaceFingerprint(spec: ModelSpec): string {
  const { dimensions, vision, text, head, files } = spec;
  const hashes = requiredFiles(spec).map((file) => files[file]!.sha256);
  return createHash('sha256')
    .update(canonicalJson({ dimensions, vision, text, head, hashes }))
    .digest('hex')
    .slice(0, 16);
}
