import { type Attributes, path } from './svg.ts';

export const INK = '#17182b';
export const PAPER = '#fbf5e6';

const pen = { 'stroke-linejoin': 'round', 'stroke-linecap': 'round' } as const;

export const filled = (fill: string, opacity?: number): Attributes => ({ fill, opacity });
export const outlined = (fill: string, width = 4): Attributes => ({ fill, stroke: INK, 'stroke-width': width, ...pen });
export const stroke = (color: string, width: number, opacity?: number): Attributes => ({
  fill: 'none',
  stroke: color,
  'stroke-width': width,
  opacity,
  ...pen,
});

/** An arm, a leg, a tail, a rope: a thick line with an outline. */
export function thickLine(data: string, color: string, width: number, outline = 8): string {
  return path(data, stroke(INK, width + outline)) + path(data, stroke(color, width));
}
