import { SeededChoices } from '../seeded-choices.ts';
import { element, path, pathData, stroke } from '../svg.ts';
import { glyphOf } from './alphabet.ts';

const GLYPH_HEIGHT = 6;
const LINE_HEIGHT = 10;

export interface Pen {
  readonly color: string;
  /** Line width in units of the alphabet */
  readonly weight: number;
}

/** Outlined letters stand further apart, so that outlines do not cover neighbours. */
const letterGap = (pens: readonly Pen[]) => 1 + 0.6 * Math.max(...pens.map((pen) => pen.weight));

function lineWidth(line: string, gap: number): number {
  return [...line].reduce((width, character) => width + glyphOf(character).width + gap, -gap);
}

export function blockSize(
  lines: readonly string[],
  scale: number,
  pens: readonly Pen[],
): { width: number; height: number } {
  return {
    width: Math.max(...lines.map((line) => lineWidth(line, letterGap(pens)))) * scale,
    height: ((lines.length - 1) * LINE_HEIGHT + GLYPH_HEIGHT) * scale,
  };
}

/** Draws centred lines whose letters lean a little, as in handwriting. Several pens draw over each other, for outlines. */
export function textBlock(lines: readonly string[], cx: number, cy: number, scale: number, pens: readonly Pen[]) {
  const random = new SeededChoices(lines.join().length * 31 + lines.join().charCodeAt(0));
  const gap = letterGap(pens);
  const top = -((lines.length - 1) * LINE_HEIGHT + GLYPH_HEIGHT) / 2;
  const glyphs = lines.flatMap((line, row) => {
    let x = -lineWidth(line, gap) / 2;
    return [...line].map((character) => {
      const { width, strokes } = glyphOf(character);
      const y = top + row * LINE_HEIGHT + random.between(-0.15, 0.15);
      const transform = pathData`translate(${x} ${y}) rotate(${random.between(-2, 2)})`;
      x += width + gap;
      return { transform, strokes };
    });
  });
  const layers = pens.map(({ color, weight }) =>
    element('g', stroke(color, weight), ...glyphs.map(({ strokes, transform }) => path(strokes, { transform }))),
  );
  return element('g', { transform: pathData`translate(${cx} ${cy}) scale(${scale}) skewX(-6)` }, ...layers);
}
