import type { MapData } from './map-data.ts';

export const COLOURINGS = ['cluster', 'book', 'page type'] as const;
export type Colouring = (typeof COLOURINGS)[number];

type Rgb = readonly [number, number, number];

/** Palettes of Paul Tol (SRON technical note EPS/TN/09-002), which people with any colour vision tell apart. */
const PALETTES: Readonly<Record<'light' | 'dark', readonly Rgb[]>> = {
  light: ['332288', 'cc6677', '117733', '88ccee', '882255', '44aa99', '999933', 'aa4499'].map(toRgb),
  dark: ['77aadd', 'ee8866', 'eedd88', 'ffaabb', '99ddff', '44bb99', 'bbcc33', 'aaaa00'].map(toRgb),
};
const OTHER: Readonly<Record<'light' | 'dark', Rgb>> = { light: [150, 146, 140], dark: [120, 115, 108] };

/** One colour of the map, and what it stands for. */
export interface LegendEntry {
  readonly label: string;
  readonly panels: number;
  readonly colour: Rgb;
  /** The value of the points in the column; undefined for all that have no colour of their own */
  readonly value: number | undefined;
}

export interface Colours {
  readonly legend: readonly LegendEntry[];
  /** The value of each point */
  readonly values: ArrayLike<number>;
  /** RGBA of each point */
  readonly rgba: Uint8Array<ArrayBuffer>;
}

/** Colours points by cluster, book or page type. The largest get a colour of the palette, the others share one. */
export function colourPoints({ map, points }: MapData, colouring: Colouring, theme: 'light' | 'dark'): Colours {
  const palette = PALETTES[theme];
  const { values, names } = {
    cluster: {
      values: points.clusters,
      names: map.clusters.map(({ panels }, i) => ({ value: `Cluster ${i + 1}`, panels })),
    },
    book: { values: points.books, names: map.books },
    'page type': { values: points.pageTypes, names: map.page_types },
  }[colouring];
  const legend: LegendEntry[] = names
    .slice(0, palette.length)
    .map(({ value, panels }, i) => ({ label: value, panels, colour: palette[i] ?? OTHER[theme], value: i }));
  const shown = legend.reduce((sum, { panels }) => sum + panels, 0);
  if (shown < points.count)
    legend.push({ label: 'Other', panels: points.count - shown, colour: OTHER[theme], value: undefined });
  const rgba = new Uint8Array(4 * points.count);
  for (let i = 0; i < points.count; i++) {
    const [red, green, blue] = palette[values[i] ?? -1] ?? OTHER[theme];
    rgba.set([red, green, blue, 255], 4 * i);
  }
  return { legend, values, rgba };
}

/** The points of an entry of the legend. */
export function pointsOfEntry({ values, legend }: Colours, { value }: LegendEntry): number[] {
  const coloured = legend.filter((entry) => entry.value !== undefined).length;
  const result: number[] = [];
  for (let i = 0; i < values.length; i++)
    if (value === undefined ? (values[i] ?? 0) >= coloured : values[i] === value) result.push(i);
  return result;
}

function toRgb(hex: string): Rgb {
  const value = Number.parseInt(hex, 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
