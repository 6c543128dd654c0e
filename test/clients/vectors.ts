import assert from 'node:assert/strict';

/** The vectors that the service gives for texts, by a plain call. */
export async function embedTexts(address: string, input: readonly string[], options: object = {}): Promise<number[][]> {
  const response = await fetch(`${address}/v1/embeddings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ input, ...options }),
  });
  const { data } = (await response.json()) as { data: { embedding: number[] }[] };
  return data.map(({ embedding }) => embedding);
}

/** Asserts that two vectors are equal as float32: base64 has the bits, JSON the shortest digits of them. */
export function assertSameVector(actual: readonly number[] | undefined, expected: readonly number[] | undefined): void {
  assert.ok(actual !== undefined && expected !== undefined);
  assert.deepEqual(Float32Array.from(actual), Float32Array.from(expected));
}
