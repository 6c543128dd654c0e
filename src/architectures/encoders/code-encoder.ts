import { convertToFloat16 } from '../../graph/rewrite/convert-to-float16.ts';
import type { Value } from '../../graph/value.ts';
import type { Precision } from '../../model/model-spec.ts';
import { StateDict } from '../../weights/state-dict.ts';
import { FUSED_LOWERING } from '../lowering/fused-lowering.ts';
import { INT8_LOWERING } from '../lowering/int8-lowering.ts';
import type { Lowering } from '../lowering/lowering.ts';

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
