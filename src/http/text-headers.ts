import type { EmbeddedPanel } from '../embedding/embedder.ts';
import { formatRows } from '../util/format-rows.ts';

/** Rows whose text was longer than the encoder takes, as `0,3-7` */
const TRUNCATED_HEADER = 'x-panelvec-truncated';
/** Rows whose text counts as absent, because the vocabulary of the model has no word of it */
const UNKNOWN_TEXT_HEADER = 'x-panelvec-unknown-text';

/** Headers that tell what of the texts was not read, for answers whose body has no place for that. Empty where all was. */
export function textHeaders(panels: readonly Pick<EmbeddedPanel, 'reading'>[]): Record<string, string> {
  const rowsWhere = (isWanted: (reading: NonNullable<EmbeddedPanel['reading']>) => boolean) =>
    formatRows(panels.flatMap(({ reading }, row) => (reading && isWanted(reading) ? [row] : [])));
  const headers = {
    [TRUNCATED_HEADER]: rowsWhere(({ truncated }) => truncated),
    [UNKNOWN_TEXT_HEADER]: rowsWhere(({ isUnknown }) => isUnknown),
  };
  return Object.fromEntries(Object.entries(headers).filter(([, rows]) => rows !== ''));
}
