export interface Glyph {
  readonly width: number;
  /** Path data for a stroke, six units high */
  readonly strokes: string;
}

/** Capital letters as pen strokes: system fonts differ between machines, and may be missing. */
const GLYPHS: Readonly<Record<string, Glyph>> = {
  A: { width: 4.2, strokes: 'M0 6L2.1 0L4.2 6M.8 4H3.4' },
  B: { width: 3.9, strokes: 'M0 0V6H2.3Q3.9 6 3.9 4.4Q3.9 2.9 2.3 2.9H0M2.1 2.9Q3.5 2.9 3.5 1.4Q3.5 0 2.1 0H0' },
  C: { width: 3.9, strokes: 'M3.9 1Q3.2 0 2.2 0Q0 0 0 3Q0 6 2.2 6Q3.2 6 3.9 5' },
  D: { width: 4, strokes: 'M0 0V6H1.5Q4 6 4 3Q4 0 1.5 0Z' },
  E: { width: 3.3, strokes: 'M3.3 0H0V6H3.3M0 2.9H2.8' },
  F: { width: 3.2, strokes: 'M3.2 0H0V6M0 3H2.7' },
  G: { width: 4.1, strokes: 'M3.9 1Q3.2 0 2.2 0Q0 0 0 3Q0 6 2.2 6Q4.1 6 4.1 3.3H2.5' },
  H: { width: 3.9, strokes: 'M0 0V6M3.9 0V6M0 3H3.9' },
  I: { width: 0.4, strokes: 'M.2 0V6' },
  J: { width: 3, strokes: 'M3 0V4.4Q3 6 1.5 6Q0 6 0 4.6' },
  K: { width: 3.9, strokes: 'M0 0V6M3.7 0L0 3.5M1.2 2.4L3.9 6' },
  L: { width: 3.1, strokes: 'M0 0V6H3.1' },
  M: { width: 4.8, strokes: 'M0 6L.4 0L2.4 3.8L4.4 0L4.8 6' },
  N: { width: 3.9, strokes: 'M0 6V0L3.9 6V0' },
  O: { width: 4.3, strokes: 'M2.15 0Q0 0 0 3Q0 6 2.15 6Q4.3 6 4.3 3Q4.3 0 2.15 0Z' },
  P: { width: 3.8, strokes: 'M0 6V0H2.1Q3.8 0 3.8 1.7Q3.8 3.4 2.1 3.4H0' },
  Q: { width: 4.4, strokes: 'M2.15 0Q0 0 0 3Q0 6 2.15 6Q4.3 6 4.3 3Q4.3 0 2.15 0ZM2.6 4.5L4.4 6.5' },
  R: { width: 3.9, strokes: 'M0 6V0H2.1Q3.7 0 3.7 1.6Q3.7 3.2 2.1 3.2H0M1.8 3.2L3.9 6' },
  S: { width: 3.8, strokes: 'M3.6 .9Q2.9 0 1.9 0Q.1 0 .1 1.5Q.1 2.7 1.9 3Q3.8 3.3 3.8 4.6Q3.8 6 1.9 6Q.6 6 0 5' },
  T: { width: 4, strokes: 'M0 0H4M2 0V6' },
  U: { width: 3.9, strokes: 'M0 0V4Q0 6 1.95 6Q3.9 6 3.9 4V0' },
  V: { width: 4, strokes: 'M0 0L2 6L4 0' },
  W: { width: 5.4, strokes: 'M0 0L1.3 6L2.7 1.5L4.1 6L5.4 0' },
  X: { width: 3.8, strokes: 'M0 0L3.8 6M3.8 0L0 6' },
  Y: { width: 3.9, strokes: 'M0 0L1.95 3L3.9 0M1.95 3V6' },
  Z: { width: 3.7, strokes: 'M0 0H3.7L0 6H3.7' },
  '1': { width: 1.6, strokes: 'M0 1.2L1.4 0V6' },
  '2': { width: 3.6, strokes: 'M.1 1.3Q.5 0 1.9 0Q3.5 0 3.5 1.6Q3.5 3 0 6H3.6' },
  '.': { width: 0.3, strokes: 'M.1 5.9L.2 6' },
  ',': { width: 0.6, strokes: 'M.5 5.7L0 7' },
  '!': { width: 0.5, strokes: 'M.3 0L.2 4M.2 5.9V6' },
  '?': { width: 3, strokes: 'M0 1.2Q.4 0 1.6 0Q3 0 3 1.4Q3 2.6 1.5 3.1V4.2M1.5 5.9V6' },
  "'": { width: 0.4, strokes: 'M.3 0L.1 1.3' },
  '-': { width: 2.2, strokes: 'M0 3.2H2.2' },
  ' ': { width: 1.7, strokes: '' },
};

/** Finds the glyph of a character. @throws Error if there is none */
export function glyphOf(character: string): Glyph {
  const glyph = GLYPHS[character];
  if (glyph === undefined) throw new Error(`no glyph for "${character}"`);
  return glyph;
}
