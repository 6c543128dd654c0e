import type { Modality } from '../model/modality.ts';
import type { Model } from '../model/model.ts';
import type { ProviderChoice } from '../onnxruntime/provider.ts';

/** Vectors that a panel can be given: the fused one, and each modality's own before fusion. */
export const OUTPUTS = ['fused', 'vision', 'text', 'composition'] as const;
export type Output = (typeof OUTPUTS)[number];

/** What frozen encoders make of a panel: it does not change with the head, so it can be kept and given in place of the panel. */
export interface PooledFeatures {
  /** By backbone */
  readonly vision?: Readonly<Record<string, Float32Array>>;
  readonly text?: Float32Array;
}

/** One panel, ready for the encoders. null marks an absent modality: nothing is computed for it or fed in its place. */
export interface EngineItem {
  /** RGB, size * size * 3 bytes; or 3 * size * size floats, normalised as the model's first backbone does */
  readonly pixels: Uint8Array | Float32Array | null;
  /** Token ids without padding, at most the model's max_tokens; a negative one is a place that is not looked at */
  readonly tokens: Int32Array | null;
  /** Seven numbers */
  readonly composition: Float32Array | null;
  /** Modalities that are there but count as absent in the fusion: in `reference` mode they leak into it all the same. */
  readonly masked?: readonly Modality[];
  readonly outputs: readonly Output[];
  /** Features that are known already. A modality whose features are all here is present without pixels or tokens. */
  readonly known?: PooledFeatures;
  /** Whether the features that were computed are wanted too */
  readonly wantsFeatures?: boolean;
}

export interface EngineResult {
  /** Vectors of the model's dimensions, as asked for */
  readonly vectors: Partial<Record<Output, Float32Array>>;
  /** Shares of vision, text and composition in the fused vector; absent ones are exactly 0 in `present` mode */
  readonly gateWeights: Float32Array | null;
  /** Shares of the visual backbones in the vision vector, where the model weighs them */
  readonly backboneWeights: Float32Array | null;
  /** What was computed, where it was wanted; not what was known */
  readonly features?: PooledFeatures;
}

export interface EngineSettings {
  readonly device: number;
  readonly provider: ProviderChoice;
  /** Threads of one operator on the CPU */
  readonly threads: number;
  /** Panels of one run, a power of two; batches are cut into powers of two up to it */
  readonly maxBatch: number;
  readonly models: readonly Model[];
}

/** Modalities that an item has, in the order of the mask. */
export function getModalities(item: Pick<EngineItem, 'pixels' | 'tokens' | 'composition' | 'known'>): Modality[] {
  return [
    ...(item.pixels || item.known?.vision ? (['vision'] as const) : []),
    ...(item.tokens || item.known?.text ? (['text'] as const) : []),
    ...(item.composition ? (['composition'] as const) : []),
  ];
}
