import { COLUMNS } from './training-columns.ts';

const COLUMN_INPUTS: Readonly<Record<string, string>> = {
  [COLUMNS.text]: 'text_features',
  [COLUMNS.composition]: 'comp_feats',
  [COLUMNS.tokens]: 'input_ids',
  [COLUMNS.tokenMask]: 'attention_mask',
};

/** The input of the training graphs that takes a column. Most have the column's name. */
export function columnInput(column: string): string {
  return COLUMN_INPUTS[column] ?? column;
}

/** A layer whose dropout mask is an input of the graph: zeros for elements that are dropped, 1 / (1 - rate) for the others. */
export interface DropoutLayer {
  readonly layer: string;
  readonly width: number;
  /** Whether the layer has a row for each panel or for each page of the batch */
  readonly rowsPer: 'panel' | 'page';
}

/** The input that takes a layer's mask (rows, width). */
export function dropoutInput(layer: string): string {
  return `dropout/${layer}`;
}
