/** Writes SVG elements as text, without ids: nested svg elements clip, and shades are flat. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;
export type Point = readonly [x: number, y: number];

/** Two decimals are finer than a pixel, and hide the last digits in which sines differ between machines. */
const roundToHundredths = (value: number) => Math.round(value * 100) / 100;

export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const text = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? roundToHundredths(value) : value}"`)
    .join('');
  return `<${name}${text}>${children.join('')}</${name}>`;
}

/** Writes path data with its numbers rounded. */
export function pathData(texts: TemplateStringsArray, ...values: readonly number[]): string {
  const rounded = values.map(roundToHundredths);
  return texts.map((text, i) => `${text}${rounded[i] ?? ''}`).join('');
}

export const rect = (x: number, y: number, width: number, height: number, attributes: Attributes) =>
  element('rect', { x, y, width, height, ...attributes });
export const circle = (cx: number, cy: number, r: number, attributes: Attributes) =>
  element('circle', { cx, cy, r, ...attributes });
export const ellipse = (cx: number, cy: number, rx: number, ry: number, attributes: Attributes) =>
  element('ellipse', { cx, cy, rx, ry, ...attributes });
export const path = (data: string, attributes: Attributes) => element('path', { d: data, ...attributes });

export function polygon(points: readonly Point[], attributes: Attributes): string {
  return path(`${points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${pathData`${x} ${y}`}`).join('')}Z`, attributes);
}

export interface Transform {
  readonly scale?: number;
  /** Whether to mirror: everything is drawn facing right */
  readonly flip?: boolean;
  /** Degrees */
  readonly rotation?: number;
}

export function group(
  x: number,
  y: number,
  { scale = 1, flip = false, rotation = 0 }: Transform,
  ...children: string[]
) {
  const transform = pathData`translate(${x} ${y}) rotate(${rotation}) scale(${flip ? -scale : scale} ${scale})`;
  return element('g', { transform }, ...children);
}

/** Draws children in coordinates of their own and clips them. */
export function viewport(x: number, y: number, width: number, height: number, ...children: string[]): string {
  return element('svg', { x, y, width, height, viewBox: pathData`0 0 ${width} ${height}` }, ...children);
}

export const INK = '#17182b';
export const PAPER = '#fbf5e6';

const PEN = { 'stroke-linejoin': 'round', 'stroke-linecap': 'round' } as const;

export const filled = (fill: string, opacity?: number): Attributes => ({ fill, opacity });
export const outlined = (fill: string, width = 4): Attributes => ({ fill, stroke: INK, 'stroke-width': width, ...PEN });
export const stroke = (color: string, width: number, opacity?: number): Attributes => ({
  fill: 'none',
  stroke: color,
  'stroke-width': width,
  opacity,
  ...PEN,
});

/** Draws a thick line with an outline: an arm, a tail or a rope. */
export function thickLine(data: string, color: string, width: number, outline = 8): string {
  return path(data, stroke(INK, width + outline)) + path(data, stroke(color, width));
}
