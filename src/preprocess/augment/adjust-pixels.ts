import type { Adjustments, Mask } from './picture-change.ts';

/** Weights of red, green and blue in the luminance, and the matrices below: https://www.w3.org/TR/filter-effects-1/ */
const LUMINANCE = [0.213, 0.715, 0.072] as const;
const HUE_SINE = [
  [-0.213, -0.715, 0.928],
  [0.143, 0.14, -0.283],
  [-0.787, 0.715, 0.072],
] as const;

type Row = readonly [number, number, number];
type Matrix = readonly [Row, Row, Row];

/** Adjusts a square picture of RGB bytes in place. Plain arithmetic, so that every machine gets the same bytes. */
export function adjustPixels(pixels: Uint8Array, size: number, adjustments: Adjustments): void {
  for (const mask of adjustments.masks) paint(pixels, size, mask);
  changeColours(pixels, colourMatrix(adjustments));
  if (adjustments.isFlipped) flip(pixels, size);
}

function paint(pixels: Uint8Array, size: number, { left, top, right, bottom, colour }: Mask): void {
  const toPixel = (fraction: number) => Math.round(Math.min(1, Math.max(0, fraction)) * size);
  const [firstColumn, endColumn] = [toPixel(left), toPixel(right)];
  for (let row = toPixel(top); row < toPixel(bottom); row++) {
    for (let column = firstColumn; column < endColumn; column++) pixels.set(colour, (row * size + column) * 3);
  }
}

/** The matrix of saturation, then hue, then brightness. */
function colourMatrix({ brightness, saturation, hue }: Adjustments): Matrix {
  const [sine, cosine] = [Math.sin(2 * Math.PI * hue), Math.cos(2 * Math.PI * hue)];
  const identity = (row: number, column: number) => (row === column ? 1 : 0);
  const weight = (column: number) => LUMINANCE[column] ?? 0;
  const saturated = (row: number, column: number) =>
    weight(column) + saturation * (identity(row, column) - weight(column));
  const turned = (row: number, column: number) =>
    weight(column) + cosine * (identity(row, column) - weight(column)) + sine * (HUE_SINE[row]?.[column] ?? 0);
  const entry = (row: number, column: number) =>
    brightness * [0, 1, 2].reduce((sum, k) => sum + turned(row, k) * saturated(k, column), 0);
  const rowOf = (row: number): Row => [entry(row, 0), entry(row, 1), entry(row, 2)];
  return [rowOf(0), rowOf(1), rowOf(2)];
}

function changeColours(pixels: Uint8Array, [toRed, toGreen, toBlue]: Matrix): void {
  // This view rounds and clips what is written to it.
  const clamped = new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, pixels.length);
  for (let offset = 0; offset < clamped.length; offset += 3) {
    const red = clamped[offset] ?? 0;
    const green = clamped[offset + 1] ?? 0;
    const blue = clamped[offset + 2] ?? 0;
    clamped[offset] = toRed[0] * red + toRed[1] * green + toRed[2] * blue;
    clamped[offset + 1] = toGreen[0] * red + toGreen[1] * green + toGreen[2] * blue;
    clamped[offset + 2] = toBlue[0] * red + toBlue[1] * green + toBlue[2] * blue;
  }
}

function flip(pixels: Uint8Array, size: number): void {
  const row = new Uint8Array(3 * size);
  for (let offset = 0; offset < pixels.length; offset += row.length) {
    row.set(pixels.subarray(offset, offset + row.length));
    for (let i = 0; i < row.length; i += 3) {
      const target = offset + row.length - 3 - i;
      pixels[target] = row[i] ?? 0;
      pixels[target + 1] = row[i + 1] ?? 0;
      pixels[target + 2] = row[i + 2] ?? 0;
    }
  }
}
