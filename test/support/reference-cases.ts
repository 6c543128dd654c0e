import { readdirSync } from 'node:fs';
import path from 'node:path';
import { isHeadKey } from '../../src/architectures/head/head.ts';
import type { HeadSpec } from '../../src/model/head-spec.ts';
import { readSafetensors, readSafetensorsHeader } from '../../src/weights/safetensors-reader.ts';
import { StateDict } from '../../src/weights/state-dict.ts';
import type { Tensor } from '../../src/weights/tensor.ts';

/** Folder of outputs of the original PyTorch code. PANELVEC_REFERENCE names another set of the same form. */
export const REFERENCE_FOLDER =
  process.env['PANELVEC_REFERENCE'] ?? path.join(import.meta.dirname, '../fixtures/reference');

/**
 * A checkpoint of known sizes, weights.safetensors and best_model.pt, for tests that damage it or import it with wrong options.
 * It stays the same whatever PANELVEC_REFERENCE says.
 */
export const CHECKPOINT_FOLDER = path.join(import.meta.dirname, '../fixtures/checkpoint');

export interface ReferenceCase {
  readonly name: string;
  readonly spec: HeadSpec;
  readonly weights: StateDict;
  readonly io: ReadonlyMap<string, Tensor>;
}

/** Configuration of a reference case, which the metadata of each of its safetensors files holds. */
export interface ReferenceConfig {
  readonly feature_dim: number;
  readonly sizes: {
    readonly siglip: { readonly heads: number; readonly image: number };
    readonly bert: { readonly heads: number };
  };
}

export async function readReferenceConfig(name: string): Promise<ReferenceConfig> {
  const { metadata } = await readSafetensorsHeader(path.join(REFERENCE_FOLDER, name, 'weights.safetensors'));
  return JSON.parse(metadata['config']!);
}

/** Lists the folders that have a checkpoint with inputs and outputs. */
export function listReferenceCases(): string[] {
  return readdirSync(REFERENCE_FOLDER, { withFileTypes: true })
    .filter(
      (entry) => entry.isDirectory() && readdirSync(path.join(REFERENCE_FOLDER, entry.name)).includes('io.safetensors'),
    )
    .map((entry) => entry.name);
}

export async function readReferenceCase(name: string): Promise<ReferenceCase> {
  const io = await readSafetensors(path.join(REFERENCE_FOLDER, name, 'io.safetensors'));
  const weights = await StateDict.read(path.join(REFERENCE_FOLDER, name, 'weights.safetensors'), isHeadKey);
  const config = JSON.parse(io.metadata['config']!);
  const names: string[] = config.visual_backbone === 'both' ? ['siglip', 'resnet'] : [config.visual_backbone];
  const spec: HeadSpec = {
    dimensions: config.feature_dim,
    backbones: names.map((backbone) => ({
      name: backbone,
      features: io.tensors.get(`out.${backbone}_pooled`)!.shape[1]!,
    })),
    textFeatures: io.tensors.get('out.text_pooled')!.shape[1]!,
    visualFusion: names.length === 1 ? 'single' : config.visual_fusion,
    modalityIndicators: config.use_modality_indicators,
    fusionMode: 'reference',
  };
  return { name, spec, weights, io: io.tensors };
}

export function toFloat32Array(tensor: Pick<Tensor, 'bytes'> | undefined): Float32Array {
  if (tensor === undefined) throw new Error('the reference has no such tensor');
  return new Float32Array(tensor.bytes.buffer, tensor.bytes.byteOffset, tensor.bytes.byteLength / 4);
}
