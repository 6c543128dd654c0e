/** Elements of an SVG as text. No ids anywhere: nested svg elements clip, and shades are flat. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;
export type Point = readonly [x: number, y: number];

/** Two decimals are finer than a pixel, and hide the last digits in which sines differ between machines. */
const short = (value: number) => Math.round(value * 100) / 100;

export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const text = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? short(value) : value}"`)
    .join('');
  return `<${name}${text}>${children.join('')}</${name}>`;
}

/** Path data: the numbers in it are shortened. */
export function d(texts: TemplateStringsArray, ...values: readonly number[]): string {
  return texts.map((text, at) => (at === 0 ? text : `${short(values[at - 1]!)}${text}`)).join('');
}

export const rect = (x: number, y: number, width: number, height: number, attributes: Attributes) =>
  element('rect', { x, y, width, height, ...attributes });
export const circle = (cx: number, cy: number, r: number, attributes: Attributes) =>
  element('circle', { cx, cy, r, ...attributes });
export const ellipse = (cx: number, cy: number, rx: number, ry: number, attributes: Attributes) =>
  element('ellipse', { cx, cy, rx, ry, ...attributes });
export const path = (data: string, attributes: Attributes) => element('path', { d: data, ...attributes });

export function polygon(points: readonly Point[], attributes: Attributes): string {
  return path(`${points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${d`${x} ${y}`}`).join('')}Z`, attributes);
}

export interface Placing {
  readonly scale?: number;
  /** Mirrors: everything is drawn facing right */
  readonly flip?: boolean;
  /** Degrees */
  readonly turn?: number;
}

export function place(x: number, y: number, { scale = 1, flip = false, turn = 0 }: Placing, ...children: string[]) {
  const transform = d`translate(${x} ${y}) rotate(${turn}) scale(${flip ? -scale : scale} ${scale})`;
  return element('g', { transform }, ...children);
}

/** A window onto its own coordinates: what leaves it is cut off. */
export function view(x: number, y: number, width: number, height: number, ...children: string[]): string {
  return element('svg', { x, y, width, height, viewBox: d`0 0 ${width} ${height}` }, ...children);
}
