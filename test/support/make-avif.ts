/** The AV1 data of an AVIF file that sharp wrote. */
export interface Av1Image {
  readonly configuration: Buffer;
  readonly data: Buffer;
}

export function readAv1Image(avif: Buffer): Av1Image {
  const property = avif.indexOf('av1C');
  const propertyEnd = property - 4 + avif.readUInt32BE(property - 4);
  return {
    configuration: avif.subarray(property + 4, propertyEnd),
    data: avif.subarray(avif.indexOf('mdat') + 4),
  };
}

export interface AvifFields {
  readonly width: number;
  readonly height: number;
  readonly image: Av1Image;
  /** Repetitions of the image's frame in its data */
  readonly frames?: number;
  /** Makes the picture a grid of the image, so many times across and down */
  readonly grid?: { readonly rows: number; readonly columns: number; readonly width: number; readonly height: number };
}

/** Writes AVIF files that encoders do not write. */
export function makeAvif({ width, height, image, frames = 1, grid }: AvifFields): Buffer {
  const frame = readUnits(image.data).filter(({ type }) => type === 6 || type === 3 || type === 4);
  const data = Buffer.concat([
    image.data,
    ...Array.from({ length: frames - 1 }, () => frame.map(({ bytes }) => bytes)).flat(),
  ]);
  const gridData = grid
    ? Buffer.concat([u8(0, 1, grid.rows - 1, grid.columns - 1), u32(grid.width, grid.height)])
    : Buffer.alloc(0);
  const tiles = grid ? grid.rows * grid.columns : 0;
  const imageEntry = entry(1, 'av01');
  const properties = box(
    'ipco',
    full('ispe', u32(width, height)),
    box('av1C', image.configuration),
    full('pixi', u8(3, 8, 8, 8)),
    full('ispe', u32(grid?.width ?? 1, grid?.height ?? 1)),
  );
  const imageProperties = Buffer.concat([u16(1), u8(3, 1, 0x82, 3)]);
  const header = (offset: number) =>
    Buffer.concat([
      box('ftyp', text('avif'), u32(0), text('avifmif1miaf')),
      full(
        'meta',
        full('hdlr', u32(0), text('pict'), u32(0, 0, 0), u8(0)),
        full('pitm', u16(grid ? 2 : 1)),
        box(
          'iloc',
          u8(1, 0, 0, 0, 0x44, 0),
          u16(grid ? 2 : 1, 1, 0, 0, 1),
          u32(offset, data.length),
          ...(grid ? [u16(2, 1, 0, 1), u32(0, gridData.length)] : []),
        ),
        full('iinf', u16(grid ? 2 : 1), imageEntry, ...(grid ? [entry(2, 'grid')] : [])),
        ...(grid ? [full('iref', box('dimg', u16(2, tiles), Buffer.alloc(2 * tiles, u16(1))))] : []),
        box(
          'iprp',
          properties,
          full('ipma', u32(grid ? 2 : 1), imageProperties, ...(grid ? [u16(2), u8(2, 4, 3)] : [])),
        ),
        box('idat', gridData),
      ),
    ]);
  return Buffer.concat([header(header(0).length + 8), box('mdat', data)]);
}

/** The units of AV1 data, which all have their size here. */
function readUnits(data: Buffer): { type: number; bytes: Buffer }[] {
  const units: { type: number; bytes: Buffer }[] = [];
  for (let start = 0; start < data.length; ) {
    const header = data.readUInt8(start);
    let offset = start + 1 + ((header >> 2) & 1);
    let size = 0;
    for (let shift = 0, byte = 128; byte & 128; shift += 7) {
      byte = data.readUInt8(offset++);
      size |= (byte & 127) << shift;
    }
    units.push({ type: (header >> 3) & 15, bytes: data.subarray(start, offset + size) });
    start = offset + size;
  }
  return units;
}

function entry(id: number, type: string): Buffer {
  return box('infe', u8(2, 0, 0, 0), u16(id, 0), text(type), u8(0));
}

function box(type: string, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([u32(content.length + 8), text(type), content]);
}

function full(type: string, ...contents: readonly Buffer[]): Buffer {
  return box(type, u32(0), ...contents);
}

function u8(...values: readonly number[]): Buffer {
  return Buffer.from(values);
}

function u16(...values: readonly number[]): Buffer {
  return Buffer.from(values.flatMap((value) => [value >> 8, value & 255]));
}

function u32(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) buffer.writeUInt32BE(value, 4 * i);
  return buffer;
}

function text(value: string): Buffer {
  return Buffer.from(value, 'latin1');
}
