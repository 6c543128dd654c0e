import type { Modality } from '../model/modality.ts';
import type { Model } from '../model/model.ts';
import type { PictureFormat } from '../model/model-spec.ts';
import type { ProviderChoice } from '../onnxruntime/provider.ts';

/** The vectors that a panel can have: the fused one, and each modality's own before fusion. */
export const OUTPUTS = ['fused', 'vision', 'text', 'composition'] as const;
export type Output = (typeof OUTPUTS)[number];
/** Beside these, the features that a picture and a label of a model's `zero_shot.text` are compared by. */
export type EngineOutput = Output | 'zero_shot';

/** Pooled features of a panel from the frozen encoders. They do not depend on the head, so they can be cached and given in place of the panel. */
export interface PooledFeatures {
  /** By backbone */
  readonly vision?: Readonly<Record<string, Float32Array>>;
  readonly text?: Float32Array;
}

/** One panel, ready for the encoders. Null marks an absent modality: nothing is computed for it or fed in its place. */
export interface EngineItem {
  /**
   * The views of the picture (model.json, `grid_views`), one after the other: each RGB of size * size * 3 bytes, or 3 * size *
   * size floats, normalised as the model's first backbone does. Their pooled features are averaged.
   */
  readonly pixels: Uint8Array | Float32Array | null;
  /** Token ids without padding, at most the model's max_tokens; a negative id marks a masked position */
  readonly tokens: Int32Array | null;
  /** Seven numbers */
  readonly composition: Float32Array | null;
  /** Modalities that are given but count as absent in the fusion. In `reference` mode they influence it all the same. */
  readonly masked?: readonly Modality[];
  readonly outputs: readonly EngineOutput[];
  /** Features that are known already. A modality whose features are all known is present without pixels or tokens. */
  readonly known?: PooledFeatures;
  /** Whether the result shall have the features that were computed */
  readonly wantsFeatures?: boolean;
}

export interface EngineResult {
  /** The vectors that were asked for, (d) each */
  readonly vectors: Partial<Record<EngineOutput, Float32Array>>;
  /** Shares of vision, text and composition in the fused vector; absent ones are exactly 0 in `present` mode */
  readonly gateWeights: Float32Array | null;
  /** Shares of the visual backbones in the vision vector, where the model has such weights */
  readonly backboneWeights: Float32Array | null;
  /** Features that were computed, where they were asked for; not those that were known */
  readonly features?: PooledFeatures;
}

/** Which engine of a model. */
export interface EngineId {
  readonly device: number;
  /** From 0 among the engines of its device */
  readonly index: number;
}

export interface EngineSettings extends EngineId {
  readonly provider: ProviderChoice;
  /** Threads of one operator on the CPU */
  readonly threads: number;
  /** Panels of one run, a power of two. Batches are cut into powers of two up to it. */
  readonly maxBatch: number;
  readonly model: Model;
}

export function isSameEngine(a: EngineId, b: EngineId): boolean {
  return a.device === b.device && a.index === b.index;
}

/** The part of an engine that is its id. */
export function toEngineId({ device, index }: EngineId): EngineId {
  return { device, index };
}

/** An engine in logs and messages: "engine 1 on device 0". */
export function describeEngine({ device, index }: EngineId): string {
  return `engine ${index} on device ${device}`;
}

/** Modalities that an item has, in the order of the modality mask. */
export function getModalities(item: Pick<EngineItem, 'pixels' | 'tokens' | 'composition' | 'known'>): Modality[] {
  return [
    ...(item.pixels || item.known?.vision ? (['vision'] as const) : []),
    ...(item.tokens || item.known?.text ? (['text'] as const) : []),
    ...(item.composition ? (['composition'] as const) : []),
  ];
}

/** What so many tokens take of an encoder of texts is about what a picture takes of one of pictures. */
const TOKENS_PER_UNIT = 100;

/** What an item takes of an engine, in pictures: a rough measure that compares items of one model. */
export function countUnits({ pixels, tokens }: Pick<EngineItem, 'pixels' | 'tokens'>, format: PictureFormat): number {
  return sumUnits(pixels === null ? 0 : countViews(pixels, format), tokens?.length ?? 0);
}

export function sumUnits(views: number, tokens: number): number {
  // Numbers alone go through the head, which takes next to nothing.
  return Math.max(1 / TOKENS_PER_UNIT, views + tokens / TOKENS_PER_UNIT);
}

/** The number of views of a picture. */
export function countViews({ length }: NonNullable<EngineItem['pixels']>, { image_size: size }: PictureFormat): number {
  return length / (3 * size ** 2);
}
