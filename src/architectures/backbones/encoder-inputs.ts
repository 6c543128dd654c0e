import { type InputValue, input } from '../../graph/value.ts';

/** Normalised pixels float32 (n, 3, side, side) */
export function imagesInput(side: number): InputValue {
  return input('images', 'float32', ['n', 3, side, side]);
}

/** Token ids and mask int64 (n, t) */
export function textInputs(): { readonly ids: InputValue; readonly mask: InputValue } {
  return { ids: input('input_ids', 'int64', ['n', 't']), mask: input('attention_mask', 'int64', ['n', 't']) };
}
