import type { EngineItem, EngineOutput } from '../inference/engine-types.ts';
import type { Modality } from '../model/modality.ts';
import type { TextReading } from '../preprocess/text-tokenizer.ts';
import type { FeatureClaim } from './feature-memory.ts';

/** A panel ready for the engine. */
export interface PreparedPanel extends Omit<EngineItem, 'outputs'> {
  readonly param: string;
  /** null where the panel has no text */
  readonly reading: TextReading | null;
}

/** A picture of which pixels are decoded only if its features are not known. */
export interface PictureSource {
  /** Of its features in the memory; undefined where there is none */
  readonly key: string | undefined;
  /** Path of the image in the request, for errors */
  readonly field: string;
  /** @throws PanelvecError naming the field */
  decode(signal: AbortSignal): Promise<Uint8Array>;
}

/** A panel ready for the engine but for the pixels of its picture. */
export interface PanelSource extends Pick<PreparedPanel, 'param' | 'tokens' | 'composition' | 'reading'> {
  readonly picture: PictureSource | null;
  /** Of the features of its text in the memory */
  readonly textKey: string | undefined;
  /** What came of asking the memory for its features, if that was done already */
  readonly claim?: FeatureClaim;
}

/** The keys of the features that the outputs of a panel are made of. */
export function neededKeys(
  { picture, textKey }: { readonly picture: Pick<PictureSource, 'key'> | null } & Pick<PanelSource, 'textKey'>,
  outputs: readonly EngineOutput[],
): string[] {
  const isNeeded = (modality: Modality) =>
    outputs.some((output) => output === modality || output === 'fused' || output === 'zero_shot');
  return [
    ...(picture?.key !== undefined && isNeeded('vision') ? [picture.key] : []),
    ...(textKey !== undefined && isNeeded('text') ? [textKey] : []),
  ];
}

/** Whether pixels are needed now: not where features are known or computed for another panel. */
export function isPictureMissing({ key }: Pick<PictureSource, 'key'>, claim: FeatureClaim): boolean {
  return claim.kind !== 'awaited' && !(key !== undefined && claim.known.has(key));
}
