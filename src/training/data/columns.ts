import type { DType } from '../../graph/dtype.ts';

/** Names of what is kept of each panel; `vision/<backbone>` beside these. */
export const COLUMNS = {
  /** float32 (rows, features) */
  text: 'text',
  /** float32 (rows, 7) */
  composition: 'composition',
  /** float32 (rows, 3): ones for what the panel has */
  present: 'present',
  /** uint8 (rows, size, size, 3), where the backbones are trained, too */
  pixels: 'pixels',
  /** int64 (rows, tokens), filled up with zeros; and ones for what is no filling. Where the text encoder is trained, too */
  tokens: 'tokens',
  tokenMask: 'token_mask',
} as const;

export function visionColumn(backbone: string): string {
  return `vision/${backbone}`;
}

/** Rows of one kind, side by side */
export interface Column {
  readonly dtype: DType;
  /** Of one row */
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** What is known of a page beside its rows. */
export interface PageMetadata {
  readonly id: string;
  /** Pages of one book look alike: they are on one side of a split */
  readonly book: string;
  readonly rows: number;
  /** Rows with text */
  readonly texts: number;
  /** Whether the dataset itself says that it is for validation */
  readonly validation: boolean;
}
