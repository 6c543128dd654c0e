import type { FuzzRandom } from './fuzz-random.ts';

type Mutation = (bytes: Buffer, random: FuzzRandom, other: Buffer) => Buffer;

/** Numbers at which lengths and sizes overflow */
const EXTREMES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff] as const;

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'bits flipped': (bytes, random) => {
    const copy = Buffer.from(bytes);
    for (let i = random.length(64); i >= 0; i--) {
      const place = random.integer(0, copy.length - 1);
      copy[place] = (copy[place] ?? 0) ^ (1 << random.integer(0, 7));
    }
    return copy;
  },
  // The first bytes have the sizes and the tables: without this, most flips would change pixels.
  'header changed': (bytes, random) => {
    const copy = Buffer.from(bytes);
    for (let i = random.length(6); i >= 0; i--)
      copy[random.integer(0, Math.min(64, copy.length) - 1)] = random.integer(0, 255);
    return copy;
  },
  'number overwritten': (bytes, random) => {
    const copy = Buffer.from(bytes);
    const size = random.pick([1, 2, 4]);
    if (copy.length < size) return copy;
    const place = random.integer(0, (random.chance(0.5) ? Math.min(copy.length, 200) : copy.length) - size);
    const value = random.pick(EXTREMES) % 2 ** (8 * size);
    if (random.chance(0.5)) copy.writeUIntBE(value, Math.max(0, place), size);
    else copy.writeUIntLE(value, Math.max(0, place), size);
    return copy;
  },
  'end cut off': (bytes, random) => bytes.subarray(0, random.integer(0, bytes.length - 1)),
  'start cut off': (bytes, random) => bytes.subarray(random.integer(1, bytes.length)),
  'range removed': (bytes, random) => {
    const start = random.integer(0, bytes.length - 1);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + 1 + random.length(bytes.length - start))]);
  },
  'range repeated': (bytes, random) => {
    const start = random.integer(0, bytes.length - 1);
    const range = bytes.subarray(start, start + 1 + random.length(5000));
    const times = random.integer(1, 20);
    return Buffer.concat([bytes.subarray(0, start), ...Array(times).fill(range), bytes.subarray(start)]);
  },
  'bytes inserted': (bytes, random) => {
    const place = random.integer(0, bytes.length);
    return Buffer.concat([bytes.subarray(0, place), random.bytes(1 + random.length(200)), bytes.subarray(place)]);
  },
  'bytes appended': (bytes, random) => Buffer.concat([bytes, random.bytes(1 + random.length(2000))]),
  'zeros written': (bytes, random) => {
    const copy = Buffer.from(bytes);
    const start = random.integer(0, bytes.length - 1);
    return copy.fill(random.pick([0, 0xff]), start, Math.min(copy.length, start + random.length(1000)));
  },
  'spliced with another': (bytes, random, other) =>
    Buffer.concat([
      bytes.subarray(0, random.integer(0, bytes.length)),
      other.subarray(random.integer(0, other.length - 1)),
    ]),
  'halves swapped': (bytes, random) => {
    const middle = random.integer(0, bytes.length);
    return Buffer.concat([bytes.subarray(middle), bytes.subarray(0, middle)]);
  },
};

/** Damages bytes. @param other what they may be spliced with @returns the bytes, and what was done to them */
export function mutateBytes(bytes: Buffer, random: FuzzRandom, other: Buffer = bytes): { bytes: Buffer; note: string } {
  if (bytes.length === 0) return { bytes: random.bytes(random.length(100)), note: 'bytes made up' };
  const [note, mutate] = random.pick(Object.entries(MUTATIONS));
  return { bytes: mutate(bytes, random, other), note };
}
