import { writeFileAtomic } from '../files/atomic-write.ts';
import type { HistoryRecord } from '../training/history/history-record.ts';

/** Reads the history from its beginning, each time that it is called. */
export type ReadRecords = () => AsyncIterable<HistoryRecord>;

/**
 * The history as CSV, line by line: kind, epoch, step, then the names of values in the order of their first appearance. A cell
 * is empty where the record has no such value, and NaN where the value is not finite. The records are read twice, because the
 * header names values that only later records have; records that are appended in between are left out.
 */
export async function* historyCsv(read: ReadRecords): AsyncGenerator<string> {
  const names = new Set<string>();
  let recordCount = 0;
  for await (const { values } of read()) {
    for (const name of Object.keys(values)) names.add(name);
    recordCount++;
  }
  yield formatRow(['kind', 'epoch', 'step', ...names]);
  if (recordCount === 0) return;
  for await (const { kind, epoch, step, values } of read()) {
    const valuesByName = new Map(Object.entries(values));
    yield formatRow([kind, epoch, step, ...Array.from(names, (name) => valuesByName.get(name) ?? '')]);
    if (--recordCount === 0) return;
  }
}

/**
 * Writes the history as a CSV file, atomically.
 * @param scratch a folder of the same file system, for the temporary file
 */
export async function writeHistoryCsv(read: ReadRecords, file: string, scratch: string): Promise<void> {
  await writeFileAtomic(file, historyCsv(read), scratch);
}

function formatRow(cells: readonly (string | number)[]): string {
  return `${cells.map((cell) => quoteCell(String(cell))).join(',')}\n`;
}

/** Quotes a cell as RFC 4180 does. Numbers and plain names never need it; names of a foreign history may. */
function quoteCell(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
