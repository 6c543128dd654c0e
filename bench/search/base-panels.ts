import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { elementAt } from '../../src/util/arrays.ts';
import { CounterRandom } from '../../src/util/counter-random.ts';
import type { BasePanel } from './panel-vectors.ts';

const MAGIC = '\x93NUMPY';
const HEADER_LENGTH_OFFSET = 8;
const HEADER_OFFSET = 10;
const HEADER = /'descr': '<f4', 'fortran_order': False, 'shape': \((\d+), (\d+)\)/;

/** The panels that are invented where no file is given: as many as ../shared/comics has, of vectors in few dimensions. */
const INVENTED = { books: 18, panelsPerBook: 23, dimensions: 512, latent: 40, seed: 1 } as const;

/**
 * Reads real panels: a float32 matrix (panels, dimensions), and beside it a JSON list with the book of each.
 * @param file ends in .npy; the list has the same name and ends in .json
 * @throws Error if the file is of another kind, or the list has another length
 */
export async function readBasePanels(file: string): Promise<BasePanel[]> {
  const bytes = await readFile(file);
  const start = HEADER_OFFSET + bytes.readUInt16LE(HEADER_LENGTH_OFFSET);
  const [, rows, width] = HEADER.exec(bytes.toString('latin1', HEADER_OFFSET, start)) ?? [];
  if (!bytes.toString('latin1', 0, MAGIC.length).startsWith(MAGIC) || rows === undefined)
    throw new Error(`${file}: must be a .npy file (version 1) of a float32 matrix, row by row`);
  const dimensions = Number(width);
  const books = z.array(z.string()).parse(JSON.parse(await readFile(file.replace(/\.npy$/, '.json'), 'utf8')));
  if (books.length !== Number(rows)) throw new Error(`${file}: ${rows} rows, but ${books.length} books`);
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length));
  return books.map((book, row) => ({ book, vector: values.subarray(row * dimensions, (row + 1) * dimensions) }));
}

/** Panels of nothing real, for a run that only needs some. */
export function inventBasePanels(): BasePanel[] {
  const { books, panelsPerBook, dimensions, latent, seed } = INVENTED;
  const axes = Array.from({ length: latent }, (_, axis) => noise(new CounterRandom(seed, 'axis', axis), dimensions));
  return Array.from({ length: books * panelsPerBook }, (_, row) => {
    const book = `book ${Math.floor(row / panelsPerBook)}`;
    const places = [noise(new CounterRandom(seed, book), latent), noise(new CounterRandom(seed, 'panel', row), latent)];
    const vector = noise(new CounterRandom(seed, 'rest', row), dimensions);
    for (const [axis, direction] of axes.entries()) {
      const place = places.reduce((sum, coordinates) => sum + elementAt(coordinates, axis), 0);
      for (let i = 0; i < dimensions; i++) vector[i] = elementAt(vector, i) + place * elementAt(direction, i);
    }
    return { book, vector };
  });
}

function noise(random: CounterRandom, length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => random.uniform(i) - 0.5);
}
