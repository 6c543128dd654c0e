import type { DType } from '../graph/dtype.ts';
import { float32View } from '../weights/tensor.ts';

/** Columns of a training set, by what they hold of each panel; `vision/<backbone>` beside these. */
export const COLUMNS = {
  /** float32 (rows, features) */
  text: 'text',
  /** float32 (rows, 2, features): of the description alone and of the lettering alone, or of an absent text */
  separateTexts: 'separate_texts',
  /** float32 (rows, 2): ones where the panel has a description, and lettering */
  textKinds: 'text_kinds',
  /** float32 (rows, 7) */
  composition: 'composition',
  /** float32 (rows, 3): ones for the modalities that the panel has */
  present: 'present',
  /** uint8 (rows, views, size, size, 3), where the visual backbones are trained too */
  pixels: 'pixels',
  /** int64 (rows, tokens), padded with zeros, where the text encoder is trained too */
  tokens: 'tokens',
  /** int64 (rows, tokens): ones for tokens, zeros for padding */
  tokenMask: 'token_mask',
} as const;

/** The column of a frozen backbone's features: float32 (rows, features). */
export function visionColumn(backbone: string): string {
  return `vision/${backbone}`;
}

/** The column of a frozen backbone's features of the views of each panel: float32 (rows, views, features). */
export function viewsColumn(backbone: string): string {
  return `views/${backbone}`;
}

/** Whether a column holds what may be shown in place of another one, which few steps need all of. */
export function isAlternative(column: string): boolean {
  return column.startsWith(viewsColumn('')) || column === COLUMNS.separateTexts || column === COLUMNS.textKinds;
}

/** Values of one column, row by row. */
export interface Column {
  readonly dtype: DType;
  /** The shape of one row */
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** The numbers of a float32 column. @throws RangeError where there is no such column */
export function readFloats(columns: ReadonlyMap<string, Column>, name: string): Float32Array {
  const column = columns.get(name);
  if (column === undefined) throw new RangeError(`there is no column "${name}"`);
  return float32View(column);
}

/** A page of a training set, without its rows. */
export interface PageMetadata {
  readonly id: string;
  /** Pages of one book look alike: a split never separates them */
  readonly book: string;
  readonly rows: number;
  /** Rows with text */
  readonly texts: number;
  /** Whether the dataset itself marks the page for validation */
  readonly validation: boolean;
}
