import type { RandomAccessFile } from '../random-access-file.ts';
import { WeightsError } from '../weights-error.ts';

const ZIP_SIGNATURE = Buffer.from('PK\x03\x04', 'latin1');
/** The pickled magic number 0x1950a86a20f9469cfc6c (torch/serialization.py, `_legacy_save`), but for the protocol. */
const LEGACY_MAGIC = Buffer.from('8a0a6cfc9c46f9206aa85019', 'hex');
const PROTO_BYTES = 2;

/** @throws WeightsError telling what to do, where the first bytes are not those of a zip file */
export async function assertZipFile(source: RandomAccessFile): Promise<void> {
  const { file, size } = source;
  const firstBytes = Buffer.from((await source.read(0, Math.min(size, PROTO_BYTES + LEGACY_MAGIC.length))).buffer);
  if (firstBytes.subarray(0, ZIP_SIGNATURE.length).equals(ZIP_SIGNATURE)) return;
  if (size === 0) throw new WeightsError(`${file} is not a PyTorch checkpoint: it is empty`);
  if (firstBytes.subarray(PROTO_BYTES).equals(LEGACY_MAGIC)) {
    throw new WeightsError(
      `${file} is in the format from before PyTorch 1.6: load it in PyTorch and save it again with torch.save`,
    );
  }
  throw new WeightsError(`${file} is not a PyTorch checkpoint: torch.save writes zip files, and this is none`);
}
