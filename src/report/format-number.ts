/**
 * A number as people read it, the same in every locale; a dash where there is none.
 * @example formatNumber(0.43123) // '0.4312'
 * @example formatNumber(0.00003) // '3e-5'
 */
export function formatNumber(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const rounded = Number.isInteger(value) ? value : Number(value.toPrecision(digits));
  const size = Math.abs(rounded);
  return rounded !== 0 && (size < 1e-3 || size >= 1e7) ? rounded.toExponential() : String(rounded);
}
