import { convertToFloat16 } from '../../graph/rewrite/convert-to-float16.ts';
import { type InputValue, input, type Value } from '../../graph/value.ts';
import type { Precision } from '../../model/spec-fields.ts';
import { StateDict } from '../../weights/state-dict.ts';
import { FLOAT16_LOWERING, FUSED_LOWERING } from '../lowering/fused-lowering.ts';
import { INT8_LOWERING } from '../lowering/int8-lowering.ts';
import type { Lowering } from '../lowering/lowering.ts';

/** Reads the weights of one encoder from a file that may hold others too. */
export async function readEncoderWeights(file: string, prefix: string): Promise<StateDict> {
  return (await StateDict.read(file, (key) => key.startsWith(prefix))).withPrefix(prefix);
}

/** The lowering of an encoder for inference. */
export function chooseLowering(precision: Precision): Lowering {
  if (precision === 'fp16') return FLOAT16_LOWERING;
  return precision === 'int8' ? INT8_LOWERING : FUSED_LOWERING;
}

export function castToPrecision(outputs: Record<string, Value>, precision: Precision): Record<string, Value> {
  return precision === 'fp16' ? convertToFloat16(outputs) : outputs;
}

/** Graph input of normalised pixels, float32 (n, 3, side, side) */
export function imagesInput(side: number): InputValue {
  return input('images', 'float32', ['n', 3, side, side]);
}

/** Graph inputs of token ids and mask, int64 (n, t) */
export function textInputs(): { readonly ids: InputValue; readonly mask: InputValue } {
  return { ids: input('input_ids', 'int64', ['n', 't']), mask: input('attention_mask', 'int64', ['n', 't']) };
}

/** Graph input of the token ids of texts that all have one length, int64 (n, length) */
export function tokensInput(length: number): InputValue {
  return input('input_ids', 'int64', ['n', length]);
}
