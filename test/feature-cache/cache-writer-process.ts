/** Puts records until it is killed, and prints how many are on the disk. Arguments: folder, bound in bytes, first number. */
import { writeSync } from 'node:fs';
import { DiskFeatureCache } from '../../src/feature-cache/feature-cache.ts';
import { testFeatures, testKey } from './test-features.ts';

const [folder, maxBytes, first] = process.argv.slice(2) as [string, string, string];
const cache = await DiskFeatureCache.open({ folder, maxBytes: Number(maxBytes) });
for (let number = Number(first); ; number++) {
  cache.put(testKey(number), testFeatures(number));
  if (number % 20 === 0) {
    await cache.flush();
    writeSync(1, `${number}\n`);
  }
}
