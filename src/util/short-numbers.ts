/** Most numbers of a vector need eight digits or nine; every float32 is told apart by nine. */
const MIN_DIGITS = 7;
const MAX_DIGITS = 9;
/** Powers of ten that a double holds exactly, so that a quotient by one is the double nearest to its decimal. */
const POWERS_OF_TEN: readonly number[] = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** The numbers of a vector as JSON shall have them: `toShortNumber` of each. */
export function toShortNumbers(vector: Float32Array): number[] {
  const numbers = new Array<number>(vector.length);
  // A loop over indexes: Array.from with a function takes twice as long.
  for (let i = 0; i < vector.length; i++) numbers[i] = toShortNumber(vector[i] ?? Number.NaN);
  return numbers;
}

/**
 * A double of few digits that rounds to the same float32: 0.1 for 0.10000000149011612. As text it has half the length, and is
 * written in less time.
 */
export function toShortNumber(float32: number): number {
  if (float32 === 0) return float32;
  const exponent = Math.floor(Math.log10(Math.abs(float32)));
  for (let digits = MIN_DIGITS; digits <= MAX_DIGITS; digits++) {
    const power = POWERS_OF_TEN[digits - 1 - exponent];
    const number = power === undefined ? Number(float32.toPrecision(digits)) : Math.round(float32 * power) / power;
    if (Math.fround(number) === float32) return number;
  }
  return float32;
}
