/** Facts about published encoders that their weights do not tell. */
import { ModelError } from '../model/model-error.ts';

/** Means and standard deviations of RGB in 0..1, as in the training of torchvision's models */
export const IMAGENET_NORMALISATION = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;
/** As in the training of SigLIP: pixels become -1..1 */
export const SIGLIP_NORMALISATION = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;

/** Attention heads by width: SigLIP base, large and so400m */
const SIGLIP_HEADS: Readonly<Record<number, number>> = { 768: 12, 1024: 16, 1152: 16 };
/** Attention heads by width: MiniLM, BERT base and BERT large */
const TEXT_HEADS: Readonly<Record<number, number>> = { 384: 12, 768: 12, 1024: 16 };

export function siglipHeadCount(width: number, override: number | undefined): number {
  return override ?? SIGLIP_HEADS[width] ?? throwUnknownHeads('SigLIP', width, '--siglip-heads');
}

export function textHeadCount(width: number, override: number | undefined): number {
  return override ?? TEXT_HEADS[width] ?? throwUnknownHeads('text encoder', width, '--text-heads');
}

/** A wrong number gives wrong vectors without any sign of it. */
function throwUnknownHeads(label: string, width: number, flag: string): never {
  throw new ModelError(
    `the ${label} is ${width} wide, and its weights do not tell how many attention heads it has: give ${flag}`,
  );
}
