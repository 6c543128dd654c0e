const JSON_DECIMALS = 4;

/** Of one part of the bench: lines for people, then one line of JSON. */
export function printReport(lines: readonly string[], report: object): void {
  process.stdout.write(`${lines.join('\n')}\n${JSON.stringify(report, roundNumbers)}\n`);
}

function roundNumbers(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toFixed(JSON_DECIMALS)) : value;
}

/** `0.89 to 0.96` */
export function formatRange(values: readonly number[], decimals: number): string {
  return `${Math.min(...values).toFixed(decimals)} to ${Math.max(...values).toFixed(decimals)}`;
}
