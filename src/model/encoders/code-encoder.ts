import { toHalf } from '../../graph/rewrite/half.ts';
import type { Value } from '../../graph/value.ts';
import { Checkpoint } from '../../weights/checkpoint.ts';
import type { Form } from '../forms/form.ts';
import { FUSED } from '../forms/fused.ts';
import { INT8 } from '../forms/int8.ts';
import type { Precision } from '../model-spec.ts';

/** The weights of one encoder, whose file may hold others too. */
export async function readEncoderWeights(file: string, prefix: string): Promise<Checkpoint> {
  return (await Checkpoint.read(file, (key) => key.startsWith(prefix))).within(prefix);
}

/** How an encoder's parts are written for inference. */
export function formOf(precision: Precision): Form {
  return precision === 'int8' ? INT8 : FUSED;
}

export function toPrecision(outputs: Record<string, Value>, precision: Precision): Record<string, Value> {
  return precision === 'fp16' ? toHalf(outputs) : outputs;
}
