import type { PreparedPanel } from '../../embedding/prepare.ts';
import { formatShape } from '../../graph/shape.ts';
import { MODALITIES, type Modality } from '../../model/head/head-spec.ts';
import type { Model } from '../../model/model.ts';
import { refusal, type Tensors, type TensorValues } from './input-tensors.ts';
import type { InputName } from './model-tensors.ts';

/** The tensor that brings a modality. */
const BROUGHT_BY: Readonly<Record<Modality, InputName>> = {
  vision: 'images',
  text: 'input_ids',
  composition: 'comp_feats',
};

/**
 * One panel for each row. What a tensor brings although the mask says that it is absent stays there, marked: a model in
 * `reference` mode lets it into the fusion as the original does, one in `present` mode does not.
 * @throws PanelvecError invalid_request naming the field
 */
export function panelsOf(model: Model, tensors: Tensors): PreparedPanel[] {
  const count = rowCount(tensors);
  const texts = tokenRows(model, tensors);
  const masks = maskRows(model, tensors, count);
  return Array.from({ length: count }, (_, row) => ({
    param: `rows[${row}]`,
    pixels: tensors.images ? (rowOf(tensors.images, row) as Float32Array) : null,
    tokens: texts?.[row] ?? null,
    composition: tensors.comp_feats ? (rowOf(tensors.comp_feats, row) as Float32Array) : null,
    masked: masks[row]!,
    truncated: false,
  }));
}

function rowCount(tensors: Tensors): number {
  const given = Object.entries(tensors);
  const [firstName, first] = given[0]!;
  const count = first.shape[0]!;
  for (const [name, { shape, param }] of given) {
    if (shape[0] === count) continue;
    throw refusal(`${name} has ${shape[0]} rows, ${firstName} has ${count}`, `${param}.shape`);
  }
  if (given.every(([name]) => name === 'modality_mask' || name === 'attention_mask')) {
    throw refusal('give images, input_ids or comp_feats', 'inputs');
  }
  return count;
}

/** Up to the last place that is looked at; a place that is not has a negative id. */
function tokenRows({ spec }: Model, { input_ids: ids, attention_mask: mask }: Tensors): Int32Array[] | undefined {
  if (ids === undefined && mask === undefined) return undefined;
  if (ids === undefined) throw refusal('attention_mask comes without input_ids', mask!.param);
  if (mask === undefined) throw refusal('input_ids come without attention_mask', ids.param);
  if (ids.shape[1] !== mask.shape[1]) {
    throw refusal(
      `attention_mask is ${formatShape(mask.shape)}, input_ids ${formatShape(ids.shape)}`,
      `${mask.param}.shape`,
    );
  }
  if (ids.shape[1]! > spec.text.max_tokens) {
    throw refusal(`a text has ${ids.shape[1]} places, the model takes ${spec.text.max_tokens}`, `${ids.param}.shape`);
  }
  assertEvery(mask, 'attention_mask', (value) => value === 0 || value === 1, 'neither 0 nor 1');
  const { vocabulary = Number.POSITIVE_INFINITY } = spec.text;
  const known = (id: number, at: number) => mask.values[at] === 0 || (id >= 0 && id < vocabulary);
  assertEvery(ids, 'input_ids', known, 'not in the vocabulary');
  return Array.from({ length: ids.shape[0]! }, (_, row) => {
    const looked = rowOf(mask, row);
    const length = Math.max(1, looked.lastIndexOf(1) + 1);
    return Int32Array.from(rowOf(ids, row).subarray(0, length), (id, at) => (looked[at] === 1 ? id : -1));
  });
}

/** For each row the modalities that a tensor brings but the mask takes away. */
function maskRows(model: Model, tensors: Tensors, count: number): Modality[][] {
  const mask = tensors.modality_mask;
  if (mask === undefined) return Array.from({ length: count }, () => []);
  assertEvery(mask, 'modality_mask', (value) => value === 0 || value === 1, 'neither 0 nor 1');
  return Array.from({ length: count }, (_, row) => {
    const present = rowOf(mask, row);
    for (const [at, modality] of MODALITIES.entries()) {
      const name = BROUGHT_BY[modality];
      if (present[at] === 1 && tensors[name] === undefined) {
        throw refusal(
          `row ${row} of modality_mask says that there is ${modality}, but ${name} is not given`,
          mask.param,
        );
      }
    }
    if (model.spec.head.fusion_mode === 'present' && present.every((value) => value === 0)) {
      throw refusal(`row ${row} of modality_mask says that nothing is there`, mask.param);
    }
    return MODALITIES.filter((modality, at) => present[at] === 0 && tensors[BROUGHT_BY[modality]] !== undefined);
  });
}

function assertEvery(
  { values, param }: TensorValues,
  name: string,
  allowed: (value: number, at: number) => boolean,
  problem: string,
): void {
  const wrong = values.findIndex((value, at) => !allowed(value, at));
  if (wrong >= 0) throw refusal(`element ${wrong} of ${name}, ${values[wrong]}, is ${problem}`, param);
}

function rowOf({ values, shape }: TensorValues, row: number): TensorValues['values'] {
  const width = values.length / shape[0]!;
  return values.slice(row * width, (row + 1) * width);
}
