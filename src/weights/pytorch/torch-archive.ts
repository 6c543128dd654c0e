import type { FileBytes } from '../file-bytes.ts';
import { WeightsError } from '../weights-error.ts';
import { legible } from './legible.ts';
import { ZipArchive } from './zip-archive.ts';

/** The pickle is read whole and holds no weights: 50 KB for three hundred tensors. */
const MAX_PICKLE_BYTES = 1 << 24;
const MAX_BYTE_ORDER_BYTES = 16;

/** The records of a torch.save file, which all lie in one folder named after the file. */
export interface TorchArchive {
  pickle(): Promise<Uint8Array>;
  /** @throws WeightsError where the record is missing, damaged or shorter than `bytes` */
  storage(key: string, bytes: number): Promise<Uint8Array>;
}

/**
 * Layout: caffe2/serialize/inline_container.h. `<folder>/data.pkl`, `<folder>/data/<key>` and `<folder>/version`; from
 * PyTorch 2.1 on `<folder>/byteorder` too.
 * @throws WeightsError where it is another kind of archive, such as TorchScript, or of the other byte order
 */
export async function openTorchArchive(source: FileBytes): Promise<TorchArchive> {
  const { file } = source;
  const zip = await ZipArchive.open(source);
  const folder = findFolder(zip.names, file);
  await checkByteOrder(zip, `${folder}byteorder`, file);
  return {
    pickle: () => readBounded(zip, `${folder}data.pkl`, MAX_PICKLE_BYTES, file),
    storage: async (key, bytes) => {
      const record = `${folder}data/${key}`;
      const held = zip.bytesOf(record);
      if (held !== undefined && held < bytes) {
        throw new WeightsError(`${file}: the record "${legible(record)}" has ${held} bytes, its storage ${bytes}`);
      }
      return zip.read(record);
    },
  };
}

/** @returns the folder's name with its slash */
function findFolder(names: readonly string[], file: string): string {
  const folders = names.flatMap((name) => /^([^/]+\/)data\.pkl$/s.exec(name)?.[1] ?? []);
  if (folders.length !== 1) {
    const found = folders.length === 0 ? 'no' : folders.length;
    throw new WeightsError(`${file} is not a PyTorch checkpoint: a zip file with ${found} data.pkl in a folder`);
  }
  const folder = folders[0]!;
  if (names.some((name) => name === `${folder}constants.pkl` || name.startsWith(`${folder}code/`))) {
    throw new WeightsError(
      `${file} is a TorchScript archive: load it with torch.jit.load and save its state_dict() with torch.save`,
    );
  }
  return folder;
}

async function checkByteOrder(zip: ZipArchive, record: string, file: string): Promise<void> {
  if (zip.bytesOf(record) === undefined) return;
  const order = Buffer.from(await readBounded(zip, record, MAX_BYTE_ORDER_BYTES, file)).toString('latin1');
  if (order !== 'little') throw new WeightsError(`${file} has the byte order "${legible(order)}", only little is read`);
}

async function readBounded(zip: ZipArchive, record: string, limit: number, file: string): Promise<Uint8Array> {
  const bytes = zip.bytesOf(record) ?? 0;
  if (bytes > limit)
    throw new WeightsError(`${file}: the record "${legible(record)}" has ${bytes} bytes, over ${limit}`);
  return zip.read(record);
}
