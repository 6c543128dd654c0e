import { statfs } from 'node:fs/promises';
import { HubError } from './hub-error.ts';

/** @throws HubError naming needed and free bytes */
export async function assertDiskSpace(folder: string, missingBytes: number, reserveBytes: number): Promise<void> {
  if (missingBytes === 0) return;
  const { bavail, bsize } = await statfs(folder);
  const [needed, free] = [missingBytes + reserveBytes, bavail * bsize];
  if (needed <= free) return;
  throw new HubError(`${folder}: not enough disk space: ${needed} bytes needed, ${free} bytes free`);
}
