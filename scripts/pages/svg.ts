/** Elements of an SVG as text. No ids anywhere: nested svg elements clip, and shades are flat. */
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

/** Path data: the numbers in it are shortened. */
export function pathData(texts: TemplateStringsArray, ...values: readonly number[]): string {
  return texts.map((text, i) => (i === 0 ? text : `${roundToHundredths(values[i - 1]!)}${text}`)).join('');
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
  /** Mirrors: everything is drawn facing right */
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

/** A window onto its own coordinates: what leaves it is cut off. */
export function viewport(x: number, y: number, width: number, height: number, ...children: string[]): string {
  return element('svg', { x, y, width, height, viewBox: pathData`0 0 ${width} ${height}` }, ...children);
}
