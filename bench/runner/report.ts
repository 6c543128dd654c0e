const COLUMN_GAP = '  ';
const JSON_DECIMALS = 4;

/** Prints the lines for people of one benchmark, then one line of JSON. */
export function printReport(lines: readonly string[], report: object): void {
  process.stdout.write(`${lines.join('\n')}\n${JSON.stringify(report, roundNumber)}\n`);
}

function roundNumber(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toFixed(JSON_DECIMALS)) : value;
}

/** Prints on stderr what runs now, so that stdout holds nothing but reports. */
export function printProgress(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Lines of a table, each column as wide as its widest cell. */
export function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return rows.map((row) => row.map((cell, i) => cell.padStart(widths[i] ?? 0)).join(COLUMN_GAP));
}

/** `0.89 to 0.96` */
export function formatRange(byRound: readonly number[], decimals: number): string {
  return `${Math.min(...byRound).toFixed(decimals)} to ${Math.max(...byRound).toFixed(decimals)}`;
}

/** Whether a figure is as large as the benchmark aims at. */
export function verdict(value: number, aim: number): 'reached' | 'missed' {
  return value >= aim ? 'reached' : 'missed';
}
