/** Row numbers beyond these are not listed one by one. */
const MAX_RANGES = 100;

/** Ascending row numbers as text with ranges, `0,3-7,9`; a long list ends in `...`. */
export function formatRows(rows: readonly number[]): string {
  const ranges: { start: number; end: number }[] = [];
  for (const row of rows) {
    const last = ranges.at(-1);
    if (last !== undefined && row === last.end + 1) last.end = row;
    else ranges.push({ start: row, end: row });
  }
  const listed = ranges.slice(0, MAX_RANGES).map(({ start, end }) => (start === end ? `${start}` : `${start}-${end}`));
  return [...listed, ...(ranges.length > MAX_RANGES ? ['...'] : [])].join(',');
}
