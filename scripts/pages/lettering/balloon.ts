import { element, INK, outlined, type Point, path, pathData, rect } from '../svg.ts';
import { blockSize, textBlock } from './text-block.ts';

const LETTER_SCALE = 2.9;
const LETTER_PEN = [{ color: INK, weight: 0.85 }];

/** A piece of text in a panel, for the picture and for the labels. Positions are in pixels of the panel. */
export type Lettering = { readonly lines: readonly string[]; readonly position: Point } & (
  | { readonly type: 'dialogue'; readonly tail: Point }
  | { readonly type: 'caption' }
  | { readonly type: 'sfx'; readonly size: number; readonly rotation: number; readonly color: string }
);

export const joinLines = ({ lines }: Lettering) => lines.join(' ');

export function drawLettering(lettering: Lettering): string {
  const { lines, position } = lettering;
  if (lettering.type === 'sfx')
    return soundEffect(lines, position, lettering.size, lettering.rotation, lettering.color);
  const frame = lettering.type === 'caption' ? captionBox(lines, position) : balloon(lines, position, lettering.tail);
  return frame + textBlock(lines, position[0], position[1], LETTER_SCALE, LETTER_PEN);
}

function captionBox(lines: readonly string[], [cx, cy]: Point): string {
  const { width, height } = blockSize(lines, LETTER_SCALE, LETTER_PEN);
  const [padX, padY] = [16, 13];
  return rect(
    cx - width / 2 - padX,
    cy - height / 2 - padY,
    width + 2 * padX,
    height + 2 * padY,
    outlined('#fde9a6', 3),
  );
}

/** Draws a balloon and its tail, which points to the mouth, as one outline. */
function balloon(lines: readonly string[], [cx, cy]: Point, [tipX, tipY]: Point): string {
  const { width, height } = blockSize(lines, LETTER_SCALE, LETTER_PEN);
  const [rx, ry] = [width / 2 + 24, height / 2 + 24];
  const tailAngle = Math.atan2((tipY - cy) / ry, (tipX - cx) / rx);
  const gap = Math.min(0.22, 13 / Math.min(rx, ry));
  const steps = 60;
  const pointAt = (step: number): Point => {
    const angle = tailAngle + gap + ((2 * Math.PI - 2 * gap) * step) / steps;
    return [cx + rx * superellipse(Math.cos(angle)), cy + ry * superellipse(Math.sin(angle))];
  };
  const points = Array.from({ length: steps + 1 }, (_, step) => pointAt(step));
  const outline = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${pathData`${x} ${y}`}`).join('');
  const [bendX, bendY] = [(tipY - cy) * 0.1, (cx - tipX) * 0.1];
  const side = ([x, y]: Point): Point => [(x + tipX) / 2 + bendX, (y + tipY) / 2 + bendY];
  const [startX, startY] = pointAt(0);
  const [[outX, outY], [backX, backY]] = [side(pointAt(steps)), side([startX, startY])];
  const tail = pathData`Q${outX} ${outY} ${tipX} ${tipY}Q${backX} ${backY} ${startX} ${startY}Z`;
  return path(outline + tail, outlined('#ffffff', 3.5));
}

/** Gives a shape between an ellipse and a box, because lines of text fill a box. */
const superellipse = (value: number) => Math.sign(value) * Math.abs(value) ** 0.8;

function soundEffect(lines: readonly string[], [x, y]: Point, size: number, rotation: number, color: string): string {
  const pens = [
    { color: INK, weight: 2.7 },
    { color, weight: 1.4 },
  ];
  return element(
    'g',
    { transform: pathData`translate(${x} ${y}) rotate(${rotation})` },
    textBlock(lines, 0, 0, size, pens),
  );
}
