import { stroke } from '../ink.ts';
import { Seeded } from '../seeded.ts';
import { d, element, path } from '../svg.ts';
import { glyphOf } from './alphabet.ts';

const GLYPH_HEIGHT = 6;
const LINE = 10;

export interface Pen {
  readonly color: string;
  /** In units of the alphabet, as every size here until it is placed */
  readonly weight: number;
}

/** Outlined letters stand further apart, so that the outlines do not eat their neighbours. */
const gapOf = (pens: readonly Pen[]) => 1 + 0.6 * Math.max(...pens.map((pen) => pen.weight));

function lineWidth(line: string, gap: number): number {
  return [...line].reduce((width, character) => width + glyphOf(character).width + gap, -gap);
}

export function blockSize(
  lines: readonly string[],
  scale: number,
  pens: readonly Pen[],
): { width: number; height: number } {
  return {
    width: Math.max(...lines.map((line) => lineWidth(line, gapOf(pens)))) * scale,
    height: ((lines.length - 1) * LINE + GLYPH_HEIGHT) * scale,
  };
}

/** Centred lines. Letters lean and tumble a little, as a hand's do. Several pens draw over each other: outlines. */
export function textBlock(lines: readonly string[], cx: number, cy: number, scale: number, pens: readonly Pen[]) {
  const random = new Seeded(lines.join().length * 31 + lines[0]!.charCodeAt(0));
  const gap = gapOf(pens);
  const top = -((lines.length - 1) * LINE + GLYPH_HEIGHT) / 2;
  const glyphs = lines.flatMap((line, at) => {
    let x = -lineWidth(line, gap) / 2;
    return [...line].map((character) => {
      const { width, strokes } = glyphOf(character);
      const y = top + at * LINE + random.between(-0.15, 0.15);
      const transform = d`translate(${x} ${y}) rotate(${random.between(-2, 2)})`;
      x += width + gap;
      return { transform, strokes };
    });
  });
  const layers = pens.map(({ color, weight }) =>
    element('g', stroke(color, weight), ...glyphs.map(({ strokes, transform }) => path(strokes, { transform }))),
  );
  return element('g', { transform: d`translate(${cx} ${cy}) scale(${scale}) skewX(-6)` }, ...layers);
}
