import { parseArgs } from 'node:util';

export const KINDS = ['embedded', 'server'] as const;
export type DatabaseKind = (typeof KINDS)[number];

const SIZES = { embedded: '10000,100000', server: '10000,100000,1000000', service: '100000' } as const;
const QUICK_SIZE = '2000';
const SECONDS = '10';

export interface SearchBenchOptions {
  /** Numbers of panels of the collections in each kind of database */
  readonly sizes: Readonly<Record<DatabaseKind, readonly number[]>>;
  /** A .npy file of real panels; undefined for invented ones */
  readonly base: string | undefined;
  /** A PostgreSQL server with pgvector; undefined to start one */
  readonly url: string | undefined;
  /** A Python with NumPy */
  readonly python: string;
  /** Length of one window of searches */
  readonly seconds: number;
  readonly queries: number;
  /** Panels that a service indexes while it is searched; undefined for none */
  readonly service: number | undefined;
}

/** Reads the options of `npm run bench:search`. @throws Error that names the option that is wrong */
export function readSearchOptions(): SearchBenchOptions {
  const { values } = parseArgs({
    options: {
      embedded: { type: 'string' },
      server: { type: 'string' },
      service: { type: 'string' },
      base: { type: 'string' },
      url: { type: 'string' },
      python: { type: 'string', default: 'python3' },
      seconds: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  });
  const { quick, base, url, python } = values;
  const sizesOf = (name: DatabaseKind | 'service') =>
    readSizes(name, values[name] ?? (quick ? QUICK_SIZE : SIZES[name]));
  const seconds = Number(values.seconds ?? (quick ? '1' : SECONDS));
  if (!(seconds > 0)) throw new Error(`--seconds ${values.seconds}: must be a number over 0`);
  const sizes = { embedded: sizesOf('embedded'), server: sizesOf('server') };
  const [service] = sizesOf('service');
  return { sizes, base, url, python, seconds, service, queries: quick ? 20 : 200 };
}

/** `none` is no size. */
function readSizes(name: string, text: string): number[] {
  const sizes = text === 'none' ? [] : text.split(',').map(Number);
  if (!sizes.every((size) => Number.isInteger(size) && size > 0))
    throw new Error(`--${name} ${text}: must be numbers of panels, such as 10000,100000, or none`);
  return sizes;
}
