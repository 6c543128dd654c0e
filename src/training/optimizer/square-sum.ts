/** Elements that are added up at a time: sums of these pieces, in their order, do not depend on who computed which. */
export const PIECE = 1 << 16;

/** Sum of squares of the elements from `begin` to `end`, in eight running sums: one would wait for each addition. */
export function squareSum(x: Float32Array, begin: number, end: number): number {
  let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0];
  const whole = end - ((end - begin) % 8);
  for (let at = begin; at < whole; at += 8) {
    a += x[at]! * x[at]!;
    b += x[at + 1]! * x[at + 1]!;
    c += x[at + 2]! * x[at + 2]!;
    d += x[at + 3]! * x[at + 3]!;
    e += x[at + 4]! * x[at + 4]!;
    f += x[at + 5]! * x[at + 5]!;
    g += x[at + 6]! * x[at + 6]!;
    h += x[at + 7]! * x[at + 7]!;
  }
  for (let at = whole; at < end; at++) a += x[at]! * x[at]!;
  return a + b + c + d + e + f + g + h;
}
