/** Panels of all inference runs, and of all calls. What the first has more is what jobs had computed. */
const COMPUTED = /^panelvec_batch_items_sum (\S+)$/gm;
const CALLED = /^panelvec_items_total\{[^}]*\} (\S+)$/gm;

/** Panels that a service has computed for jobs so far. Those in hand are off by a batch at most. */
export async function readBulkPanels(address: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', address))).text();
  const sum = (samples: RegExp) => [...text.matchAll(samples)].reduce((total, [, value]) => total + Number(value), 0);
  return sum(COMPUTED) - sum(CALLED);
}
