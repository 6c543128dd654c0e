/** A number as people read it, the same in every locale: 1200, 0.4312, 3e-5. */
export function formatNumber(value: number, digits = 4): string {
  const rounded = Number.isInteger(value) ? value : Number(value.toPrecision(digits));
  const size = Math.abs(rounded);
  return rounded !== 0 && (size < 1e-3 || size >= 1e7) ? rounded.toExponential() : String(rounded);
}
