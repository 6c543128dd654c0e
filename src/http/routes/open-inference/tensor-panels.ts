import type { PreparedPanel } from '../../../embedding/panel-source.ts';
import type { ServedModel } from '../../../embedding/served-model.ts';
import { formatShape } from '../../../graph/shape.ts';
import { getModalities } from '../../../inference/engine-types.ts';
import { MODALITIES, type Modality } from '../../../model/modality.ts';
import type { Model } from '../../../model/model.ts';
import type { TextReading, TextTokenizer } from '../../../preprocess/text-tokenizer.ts';
import type { RequestTensors, TensorValues } from './input-tensors.ts';
import type { InputName } from './model-tensors.ts';
import { type Elements, invalidRequestError } from './tensor-elements.ts';

/** The input that holds a modality */
const INPUT_OF_MODALITY: Readonly<Record<Modality, InputName>> = {
  vision: 'images',
  text: 'input_ids',
  composition: 'comp_feats',
};

/**
 * Makes a panel of each row. An input that the mask takes away stays there, marked as masked: a model in `reference` mode
 * lets it into the fusion as the original PyTorch code does, one in `present` mode does not. A text without a token that has
 * attention and is known is absent, as a text that is sent as such.
 * @throws PanelvecError invalid_request naming the field
 */
export function toPanels({ model, tokenizer }: ServedModel, tensors: RequestTensors): PreparedPanel[] {
  const count = countRows(tensors);
  const tokenIds = toTokenRows(model, tensors);
  const masked = maskedModalities(model, tensors, count);
  const panels = Array.from({ length: count }, (_, row): PreparedPanel => {
    const tokens = tokenIds?.[row];
    const isUnknown = tokens !== undefined && isUnknownText(tokens, tokenizer);
    return {
      param: `rows[${row}]`,
      pixels: tensors.images ? toFloats(sliceRow(tensors.images, row)) : null,
      tokens: tokens === undefined || isUnknown ? null : tokens,
      composition: tensors.comp_feats ? toFloats(sliceRow(tensors.comp_feats, row)) : null,
      masked: masked[row] ?? [],
      reading: isUnknown ? ABSENT_TEXT : null,
    };
  });
  if (model.spec.head.fusion_mode === 'present') assertNotEmpty(panels, tensors);
  return panels;
}

const ABSENT_TEXT: TextReading = { truncated: false, length: 0, unknownTokens: 0, isUnknown: true };

function isUnknownText(tokens: Int32Array, tokenizer: TextTokenizer | undefined): boolean {
  const attended = tokens.filter((id) => id >= 0);
  return attended.length === 0 || tokenizer?.knowsNothingOf(attended) === true;
}

/** Refuses rows that have nothing but an absent text: without anything there is nothing to fuse. @throws PanelvecError */
function assertNotEmpty(panels: readonly PreparedPanel[], { attention_mask: mask }: RequestTensors): void {
  const row = panels.findIndex((panel) => {
    const present = getModalities(panel).filter((modality) => !panel.masked?.includes(modality));
    return panel.reading?.isUnknown && present.length === 0;
  });
  if (row < 0 || mask === undefined) return;
  throw invalidRequestError(
    `row ${row} has no token with attention that the vocabulary knows, and nothing else is there`,
    mask.param,
  );
}

function countRows(tensors: RequestTensors): number {
  const entries = Object.entries(tensors);
  let firstName = '';
  let count: number | undefined;
  for (const [name, { shape, param }] of entries) {
    const [rowCount] = shape;
    if (count === undefined) [firstName, count] = [name, rowCount];
    else if (rowCount !== count)
      throw invalidRequestError(`${name} has ${rowCount} rows, ${firstName} has ${count}`, `${param}.shape`);
  }
  if (count === undefined || entries.every(([name]) => name === 'modality_mask' || name === 'attention_mask')) {
    throw invalidRequestError('give images, input_ids or comp_feats', 'inputs');
  }
  return count;
}

/** The token ids of each row up to the last that has attention; a token without attention has a negative id. */
function toTokenRows(
  { spec }: Model,
  { input_ids: ids, attention_mask: mask }: RequestTensors,
): Int32Array[] | undefined {
  if (ids === undefined) {
    if (mask === undefined) return undefined;
    throw invalidRequestError('attention_mask comes without input_ids', mask.param);
  }
  if (mask === undefined) throw invalidRequestError('input_ids come without attention_mask', ids.param);
  const [rowCount = 0, tokenCount = 0] = ids.shape;
  if (tokenCount !== mask.shape[1]) {
    throw invalidRequestError(
      `attention_mask is ${formatShape(mask.shape)}, input_ids ${formatShape(ids.shape)}`,
      `${mask.param}.shape`,
    );
  }
  if (tokenCount > spec.text.max_tokens) {
    throw invalidRequestError(
      `a text has ${tokenCount} places, the model takes ${spec.text.max_tokens}`,
      `${ids.param}.shape`,
    );
  }
  assertEveryValue(mask, 'attention_mask', (value) => value === 0 || value === 1, 'neither 0 nor 1');
  const { vocabulary = Number.POSITIVE_INFINITY } = spec.text;
  const isKnownId = (id: number, i: number) => mask.values[i] === 0 || (id >= 0 && id < vocabulary);
  assertEveryValue(ids, 'input_ids', isKnownId, 'not in the vocabulary');
  return Array.from({ length: rowCount }, (_, row) => {
    const attention = sliceRow(mask, row);
    const length = Math.max(1, attention.lastIndexOf(1) + 1);
    return Int32Array.from(sliceRow(ids, row).subarray(0, length), (id, i) => (attention[i] === 1 ? id : -1));
  });
}

/** The modalities of each row that an input has but the mask takes away. */
function maskedModalities(model: Model, tensors: RequestTensors, count: number): Modality[][] {
  const mask = tensors.modality_mask;
  if (mask === undefined) return Array.from({ length: count }, () => []);
  assertEveryValue(mask, 'modality_mask', (value) => value === 0 || value === 1, 'neither 0 nor 1');
  return Array.from({ length: count }, (_, row) => {
    const present = sliceRow(mask, row);
    for (const [column, modality] of MODALITIES.entries()) {
      const name = INPUT_OF_MODALITY[modality];
      if (present[column] === 1 && tensors[name] === undefined) {
        throw invalidRequestError(
          `row ${row} of modality_mask says that there is ${modality}, but ${name} is not given`,
          mask.param,
        );
      }
    }
    if (model.spec.head.fusion_mode === 'present' && present.every((value) => value === 0)) {
      throw invalidRequestError(`row ${row} of modality_mask says that nothing is there`, mask.param);
    }
    return MODALITIES.filter(
      (modality, column) => present[column] === 0 && tensors[INPUT_OF_MODALITY[modality]] !== undefined,
    );
  });
}

function assertEveryValue(
  { values, param }: TensorValues,
  name: string,
  isAllowed: (value: number, i: number) => boolean,
  problem: string,
): void {
  const wrongIndex = values.findIndex((value, i) => !isAllowed(value, i));
  if (wrongIndex >= 0)
    throw invalidRequestError(`element ${wrongIndex} of ${name}, ${values[wrongIndex]}, is ${problem}`, param);
}

function sliceRow({ values, shape }: TensorValues, row: number): Elements {
  const [rowCount = 1] = shape;
  const width = values.length / rowCount;
  return values.slice(row * width, (row + 1) * width);
}

function toFloats(values: Elements): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values);
}
