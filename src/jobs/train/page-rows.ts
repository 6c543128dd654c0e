import type { PageEntry } from '../../datasets/index-pages.ts';
import { COLUMNS, type Column } from '../../training/columns.ts';
import { concatenateFloats } from '../../util/arrays.ts';

/** What is trained on of a page: a row of each column for each panel. */
export interface PageRows {
  readonly count: number;
  /** Panels with text */
  readonly texts: number;
  readonly columns: ReadonlyMap<string, Column>;
}

/** Reads pages, and holds what it needs for that. */
export interface RowReader extends AsyncDisposable {
  /** @throws PanelvecError where the page cannot be read */
  read(entry: PageEntry): Promise<PageRows>;
}

/** The columns that every training has. @param panels with what they have: picture, words, composition */
export function commonColumns(
  panels: readonly { readonly composition: Float32Array; readonly hasText: boolean }[],
): [string, Column][] {
  return [
    [COLUMNS.composition, floatColumn(panels.map(({ composition }) => composition))],
    [COLUMNS.present, floatColumn(panels.map(({ hasText }) => Float32Array.of(1, hasText ? 1 : 0, 1)))],
  ];
}

/** Rows of one length to a column; a page without panels has none. */
export function floatColumn(rows: readonly Float32Array[], width = rows[0]?.length ?? 0): Column {
  return { dtype: 'float32', shape: [width], bytes: new Uint8Array(concatenateFloats(rows).buffer) };
}

/** Pages one after the other. Pages without panels have no rows. */
export function concatenateRows(pages: readonly PageRows[]): Map<string, Column> {
  const nonEmptyPages = pages.filter(({ count }) => count > 0);
  const names = [...(nonEmptyPages[0]?.columns.keys() ?? [])];
  return new Map(
    names.map((name) => {
      const parts = nonEmptyPages.map(({ columns }) => columns.get(name)!);
      return [name, { ...parts[0]!, bytes: Buffer.concat(parts.map(({ bytes }) => bytes)) }];
    }),
  );
}
