import { encoderFingerprint } from '../../model/fingerprint.ts';
import type { Model } from '../../model/model.ts';
import { hashJson } from '../../util/hash-json.ts';

/** Encoders that are run over all panels once, for all contenders that have the same. */
export interface EncoderSet {
  /** A hash of all that decides the features */
  readonly key: string;
  /** A model that has these encoders */
  readonly model: Model;
  /** Texts are truncated to this number of tokens */
  readonly maxTokens: number;
}

const KEY_DIGITS = 16;

export function encoderSet(model: Model, maxTokens: number): EncoderSet {
  const { vision, text, files } = model.spec;
  const content = {
    size: vision.image_size,
    views: vision.grid_views,
    vision: vision.backbones.map((backbone) => [backbone.name, encoderFingerprint(model.spec, backbone)]),
    text: encoderFingerprint(model.spec, text),
    tokenizer: text.tokenizer === undefined ? null : files[text.tokenizer]?.sha256,
    maxTokens,
  };
  const key = hashJson(content).slice(0, KEY_DIGITS);
  return { key, model, maxTokens };
}

/** The different encoders of contenders, in their order. */
export function distinctEncoders(contenders: readonly { readonly encoders: EncoderSet }[]): EncoderSet[] {
  const sets = new Map<string, EncoderSet>();
  for (const { encoders } of contenders) if (!sets.has(encoders.key)) sets.set(encoders.key, encoders);
  return [...sets.values()];
}
