import { ModelError } from '../../model/model-error.ts';

/**
 * Attention heads of the published encoders, by width: SigLIP base, large and so400m; MiniLM and BERT base. A wrong number
 * gives other vectors without any sign of it, so for other widths somebody has to say.
 */
const SIGLIP_HEADS: Readonly<Record<number, number>> = { 768: 12, 1024: 16, 1152: 16 };
const TEXT_HEADS: Readonly<Record<number, number>> = { 384: 12, 768: 12, 1024: 16 };

export function siglipHeadCount(width: number, override: number | undefined): number {
  return override ?? SIGLIP_HEADS[width] ?? throwUnknownHeads('SigLIP', width, '--siglip-heads');
}

export function textHeadCount(width: number, override: number | undefined): number {
  return override ?? TEXT_HEADS[width] ?? throwUnknownHeads('text encoder', width, '--text-heads');
}

function throwUnknownHeads(label: string, width: number, flag: string): never {
  throw new ModelError(
    `the ${label} is ${width} wide, and how many attention heads it has the weights cannot tell: give ${flag}`,
  );
}
