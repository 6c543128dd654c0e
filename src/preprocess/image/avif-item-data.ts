import { damagedAvif, refusedAvif } from './iso-boxes.ts';

/** Places of an item's data. One of no bytes takes no bytes in the box. */
const MAX_EXTENTS = 32;

/** The AV1 data of images, as the box of locations says. */
export function* readItemData(
  iloc: Buffer,
  imageIds: ReadonlySet<number>,
  file: Buffer,
  idat: Buffer | undefined,
): Generator<Buffer> {
  let offset = 0;
  const read = (size: number): number => {
    offset += size;
    if (size === 0) return 0;
    return size === 8 ? Number(iloc.readBigUInt64BE(offset - 8)) : iloc.readUIntBE(offset - size, size);
  };
  const version = read(1);
  if (version > 2) throw damagedAvif('it has an unknown box of locations');
  read(3);
  const [sizes, moreSizes] = [read(1), read(1)];
  const [offsetSize, lengthSize, baseSize] = [sizes >> 4, sizes & 15, moreSizes >> 4];
  const indexSize = version === 0 ? 0 : moreSizes & 15;
  if ([offsetSize, lengthSize, baseSize, indexSize].some((size) => ![0, 4, 8].includes(size))) {
    throw damagedAvif('it has numbers of a wrong size');
  }
  const seen = new Set<number>();
  let totalBytes = 0;
  for (let items = read(version < 2 ? 2 : 4); items > 0; items--) {
    const id = read(version < 2 ? 2 : 4);
    const method = version === 0 ? 0 : read(2) & 15;
    const reference = read(2);
    const base = read(baseSize);
    const extents: Buffer[] = [];
    const source = method === 1 ? (idat ?? Buffer.alloc(0)) : file;
    const count = read(2);
    if (count > MAX_EXTENTS) throw damagedAvif('its data is in too many places');
    for (let extent = 0; extent < count; extent++) {
      read(indexSize);
      const start = base + read(offsetSize);
      const length = read(lengthSize);
      if (!imageIds.has(id)) continue;
      const end = length === 0 ? source.length : start + length;
      if (start > end || end > source.length) throw damagedAvif('its data is cut off');
      // Extents may overlap, and decoders join them.
      totalBytes += end - start;
      if (totalBytes > file.length) throw damagedAvif('it uses its data more than once');
      extents.push(source.subarray(start, end));
    }
    if (!imageIds.has(id)) continue;
    if (method > 1 || reference !== 0 || seen.has(id)) throw refusedAvif('an AVIF image with data in another place');
    seen.add(id);
    yield Buffer.concat(extents);
  }
}
