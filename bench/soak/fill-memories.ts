import type { CallCounts, MixedCalls } from './mixed-calls.ts';

/** Of one request. Features of texts are small, but computed faster than those of pictures. */
const TEXTS = 256;
/** A request adds more than this while there is room. */
const MIN_GROWTH_BYTES = 50_000;
/** By which V8 has given the embedded database the room for short-lived objects that it ever gets, and compiled its functions */
const SEARCHES = 3000;
const CLIENTS = 4;

/**
 * Fills what grows with use up to a bound, so that a soak measures what grows without one: the features of the last requests, and
 * what V8 keeps for the embedded database. Resolves with the bytes of the features.
 */
export async function fillMemories(address: string, calls: MixedCalls): Promise<number> {
  let bytes = await readFeatureBytes(address);
  for (let request = 0; ; request++) {
    await embedTexts(address, request);
    const filled = await readFeatureBytes(address);
    if (filled - bytes < MIN_GROWTH_BYTES) break;
    bytes = filled;
  }
  const counts: CallCounts = { byOutcome: {}, milliseconds: 0 };
  const search = async () => {
    for (let sent = 0; sent < SEARCHES / CLIENTS; sent++) await calls.send(counts, '/v1/search');
  };
  await Promise.all(Array.from({ length: CLIENTS }, search));
  return bytes;
}

async function embedTexts(address: string, request: number): Promise<void> {
  const input = Array.from({ length: TEXTS }, (_, i) => `Panel ${i} of request ${request}`);
  const response = await fetch(`${address}/v1/embeddings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'default', input }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
}

async function readFeatureBytes(address: string): Promise<number> {
  const text = await (await fetch(`${address}/metrics`)).text();
  const bytes = /^panelvec_feature_memory_bytes(?:\{[^}]*\})? (\S+)$/m.exec(text)?.[1];
  if (bytes === undefined) throw new Error('the service has no metric of its feature memory');
  return Number(bytes);
}
