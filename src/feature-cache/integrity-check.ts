/**
 * Opens a store and reads some records, in a process of its own: at a damaged file, lmdb-js and LMDB may crash instead of
 * failing. Arguments: the folder of the environment, the limit in bytes. Exits with 0 if no problem is found; otherwise writes
 * the problem to stderr.
 */
import { firstLine } from '../errors.ts';
import { decodeRecord } from './feature-record.ts';
import { openFeatureStore, TIMESTAMP_BYTES, usedBytes } from './feature-store.ts';

const [folder, maxBytes] = process.argv.slice(2) as [string, string];
try {
  const store = openFeatureStore(folder, Number(maxBytes));
  usedBytes(store);
  for (const reverse of [false, true]) {
    for (const { value: key } of store.ages.getRange({ limit: 100, reverse })) {
      const record = store.records.get(key)?.subarray(TIMESTAMP_BYTES);
      if (record) decodeRecord(key, record, record.byteLength / Float32Array.BYTES_PER_ELEMENT);
    }
  }
  await store.environment.close();
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(firstLine(error));
}
