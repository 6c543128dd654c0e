import { featureKey } from '../../src/feature-cache/feature-key.ts';

/** Vectors of tests that can be told from their number alone, whoever put them. */
export const WIDTH = 512;

export function testKey(number: number): Buffer {
  return featureKey('encoder', [number]);
}

export function testFeatures(number: number, width = WIDTH): Float32Array {
  return Float32Array.from({ length: width }, (_, i) => Math.fround(number + i / width));
}

export function equalBytes(a: Float32Array, b: Float32Array): boolean {
  return Buffer.from(a.buffer).equals(Buffer.from(b.buffer));
}
