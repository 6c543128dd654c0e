import { assertOwnContent } from '../assert-own-content.ts';
import type { RandomAccessFile } from '../random-access-file.ts';
import { escapeControlCharacters, WeightsError } from '../weights-error.ts';
import { ZipArchive } from './zip-archive.ts';

const ZIP_SIGNATURE = Buffer.from('PK\x03\x04', 'latin1');
/** The pickled magic number 0x1950a86a20f9469cfc6c (torch/serialization.py, `_legacy_save`), without its first two bytes. */
const LEGACY_MAGIC = Buffer.from('8a0a6cfc9c46f9206aa85019', 'hex');
const PROTO_BYTES = 2;
/** A safetensors file begins with the length of its JSON. */
const SAFETENSORS_BRACE_OFFSET = 8;

/** The pickle is read whole. It holds no weights: 50 KB for three hundred tensors. */
const MAX_PICKLE_BYTES = 1 << 24;
const MAX_BYTE_ORDER_BYTES = 16;

/** The records of a torch.save file, which all lie in one folder named after the file. */
export interface TorchArchive {
  readPickle(): Promise<Uint8Array>;
  /** @throws WeightsError where the record is missing, damaged or shorter than `bytes` */
  readStorage(key: string, byteLength: number): Promise<Uint8Array>;
}

/**
 * Opens a torch.save file. Layout: caffe2/serialize/inline_container.h. `<folder>/data.pkl`, `<folder>/data/<key>` and `<folder>/version`; from
 * PyTorch 2.1 on `<folder>/byteorder` too.
 * @throws WeightsError where it is another kind of archive, such as TorchScript, or of the other byte order
 */
export async function openTorchArchive(source: RandomAccessFile): Promise<TorchArchive> {
  const { file } = source;
  await assertZipFile(source);
  const zip = await ZipArchive.open(source);
  const folder = findFolder(zip.names, file);
  await checkByteOrder(zip, `${folder}byteorder`, file);
  return {
    readPickle: () => readBounded(zip, `${folder}data.pkl`, MAX_PICKLE_BYTES, file),
    readStorage: async (key, byteLength) => {
      const record = `${folder}data/${key}`;
      const recordBytes = zip.recordSize(record);
      if (recordBytes !== undefined && recordBytes < byteLength) {
        throw new WeightsError(
          `${file}: the record "${escapeControlCharacters(record)}" has ${recordBytes} bytes, its storage ${byteLength}`,
        );
      }
      return zip.read(record);
    },
  };
}

/** @throws WeightsError saying what to do, where the first bytes are not those of a zip file */
async function assertZipFile(source: RandomAccessFile): Promise<void> {
  const { file, size } = source;
  const firstBytes = Buffer.from((await source.read(0, Math.min(size, PROTO_BYTES + LEGACY_MAGIC.length))).buffer);
  if (firstBytes.subarray(0, ZIP_SIGNATURE.length).equals(ZIP_SIGNATURE)) return;
  await assertOwnContent(source);
  if (firstBytes.subarray(PROTO_BYTES).equals(LEGACY_MAGIC)) {
    throw new WeightsError(
      `${file} is in the format from before PyTorch 1.6: load it in PyTorch and save it again with torch.save`,
    );
  }
  const looksLikeSafetensors = firstBytes[SAFETENSORS_BRACE_OFFSET] === 0x7b;
  const hint = looksLikeSafetensors ? ' (is it a safetensors file? Then name it .safetensors)' : '';
  throw new WeightsError(
    `${file} is not a PyTorch checkpoint: torch.save writes zip files, and this is not one${hint}`,
  );
}

/** @returns the folder's name with its slash */
function findFolder(names: readonly string[], file: string): string {
  const folders = names.flatMap((name) => /^([^/]+\/)data\.pkl$/s.exec(name)?.[1] ?? []);
  const [folder] = folders;
  if (folder === undefined || folders.length > 1) {
    const count = folders.length === 0 ? 'no' : folders.length;
    throw new WeightsError(`${file} is not a PyTorch checkpoint: a zip file with ${count} data.pkl in a folder`);
  }
  if (names.some((name) => name === `${folder}constants.pkl` || name.startsWith(`${folder}code/`))) {
    throw new WeightsError(
      `${file} is a TorchScript archive: load it with torch.jit.load and save its state_dict() with torch.save`,
    );
  }
  return folder;
}

async function checkByteOrder(zip: ZipArchive, record: string, file: string): Promise<void> {
  if (zip.recordSize(record) === undefined) return;
  const order = Buffer.from(await readBounded(zip, record, MAX_BYTE_ORDER_BYTES, file)).toString('latin1');
  if (order !== 'little')
    throw new WeightsError(
      `${file} has the byte order "${escapeControlCharacters(order)}"; only "little" is supported`,
    );
}

async function readBounded(zip: ZipArchive, record: string, limit: number, file: string): Promise<Uint8Array> {
  const bytes = zip.recordSize(record) ?? 0;
  if (bytes > limit)
    throw new WeightsError(
      `${file}: the record "${escapeControlCharacters(record)}" has ${bytes} bytes, over ${limit}`,
    );
  return zip.read(record);
}
