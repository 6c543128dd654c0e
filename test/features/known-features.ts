import { featureKey } from '../../src/features/feature-key.ts';

/** Vectors of tests that can be told from their number alone, whoever put them. */
export const WIDTH = 512;

export function keyOf(number: number): Buffer {
  return featureKey('encoder', [number]);
}

export function featuresOf(number: number, width = WIDTH): Float32Array {
  return Float32Array.from({ length: width }, (_, at) => Math.fround(number + at / width));
}

export function equal(a: Float32Array, b: Float32Array): boolean {
  return Buffer.from(a.buffer).equals(Buffer.from(b.buffer));
}
