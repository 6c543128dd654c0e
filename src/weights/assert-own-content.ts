import { describeForeignContent, FOREIGN_CONTENT_BYTES } from '../files/foreign-content.ts';
import type { RandomAccessFile } from './random-access-file.ts';
import { WeightsError } from './weights-error.ts';

/** @throws WeightsError where something else stands in the place of the weights, such as a Git LFS pointer; it says what to do */
export async function assertOwnContent(source: RandomAccessFile): Promise<void> {
  const start = await source.read(0, Math.min(source.size, FOREIGN_CONTENT_BYTES));
  const problem = describeForeignContent(start);
  if (problem !== undefined) throw new WeightsError(`${source.file} ${problem}`);
}
