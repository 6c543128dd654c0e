import type { PageEntry } from '../../datasets/index-pages.ts';
import { COLUMNS, type Column } from '../../training/training-columns.ts';
import { concatenateFloats } from '../../util/arrays.ts';

/** The training data of a page: in each column a row for each panel. */
export interface PageRows {
  readonly count: number;
  /** Panels with text */
  readonly texts: number;
  readonly columns: ReadonlyMap<string, Column>;
}

/** Reads pages, and owns the resources for that. */
export interface RowReader extends AsyncDisposable {
  /** @throws PanelvecError where the page cannot be read */
  read(entry: PageEntry): Promise<PageRows>;
}

/** The columns of every training: composition, and the modalities that are present. */
export function commonColumns(
  panels: readonly { readonly composition: Float32Array; readonly hasText: boolean }[],
): [string, Column][] {
  return [
    [COLUMNS.composition, floatColumn(panels.map(({ composition }) => composition))],
    [COLUMNS.present, floatColumn(panels.map(({ hasText }) => Float32Array.of(1, hasText ? 1 : 0, 1)))],
  ];
}

/** A column of rows of one length. A page without panels has no rows. */
export function floatColumn(rows: readonly Float32Array[], width = rows[0]?.length ?? 0): Column {
  return { dtype: 'float32', shape: [width], bytes: new Uint8Array(concatenateFloats(rows).buffer) };
}

/** Joins the rows of pages, one page after the other. */
export function concatenateRows(pages: readonly PageRows[]): Map<string, Column> {
  const nonEmptyPages = pages.filter(({ count }) => count > 0);
  const firstColumns = [...(nonEmptyPages[0]?.columns ?? [])];
  return new Map(
    firstColumns.map(([name, column]) => {
      const bytes = nonEmptyPages.map(({ columns }) => columns.get(name)?.bytes ?? new Uint8Array());
      return [name, { ...column, bytes: Buffer.concat(bytes) }];
    }),
  );
}
