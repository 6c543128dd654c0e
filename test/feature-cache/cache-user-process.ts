/**
 * Puts and gets overlapping records, and tells what it has seen. Arguments: folder, bound in bytes, first number, records,
 * rounds, records between flushes.
 */
import { DiskFeatureCache } from '../../src/feature-cache/feature-cache.ts';
import { equalBytes, testFeatures, testKey, WIDTH } from './test-features.ts';

const [folder, ...numbers] = process.argv.slice(2) as [string, ...string[]];
const [maxBytes, first, records, rounds, flushEvery = 50] = numbers.map(Number) as [number, number, number, number];
const warnings: string[] = [];
const cache = await DiskFeatureCache.open({
  folder,
  maxBytes,
  refreshAfterMs: 5,
  log: { info: () => {}, warn: (message) => warnings.push(message) },
});
let wrongCount = 0;
for (let round = 0; round < rounds; round++) {
  for (let number = first; number < first + records; number++) {
    const found = cache.get(testKey(number), WIDTH);
    if (found && !equalBytes(found, testFeatures(number))) wrongCount++;
    if (!found || number % 5 === 0) cache.put(testKey(number), testFeatures(number));
    if (number % flushEvery === 0) await cache.flush();
  }
}
await cache.flush();
console.log(JSON.stringify({ wrong: wrongCount, warnings, stats: cache.stats() }));
await cache.close();
