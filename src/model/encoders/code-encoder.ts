import { convertToFloat16 } from '../../graph/rewrite/half.ts';
import type { Value } from '../../graph/value.ts';
import { StateDict } from '../../weights/checkpoint.ts';
import type { Lowering } from '../forms/form.ts';
import { FUSED_LOWERING } from '../forms/fused.ts';
import { INT8_LOWERING } from '../forms/int8.ts';
import type { Precision } from '../model-spec.ts';

/** The weights of one encoder, whose file may hold others too. */
export async function readEncoderWeights(file: string, prefix: string): Promise<StateDict> {
  return (await StateDict.read(file, (key) => key.startsWith(prefix))).withPrefix(prefix);
}

/** How an encoder's parts are written for inference. */
export function loweringFor(precision: Precision): Lowering {
  return precision === 'int8' ? INT8_LOWERING : FUSED_LOWERING;
}

export function castToPrecision(outputs: Record<string, Value>, precision: Precision): Record<string, Value> {
  return precision === 'fp16' ? convertToFloat16(outputs) : outputs;
}
