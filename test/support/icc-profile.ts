/** CIE XYZ of the primaries, adapted to D50, and the exponent of the tone curve. */
interface RgbColours {
  readonly primaries: Readonly<Record<'r' | 'g' | 'b', readonly [number, number, number]>>;
  readonly gamma: number;
}

export const DISPLAY_P3: RgbColours = {
  primaries: { r: [0.5151, 0.2412, -0.0011], g: [0.292, 0.6922, 0.0419], b: [0.1571, 0.0666, 0.7841] },
  gamma: 2.2,
};
export const ADOBE_RGB: RgbColours = {
  primaries: { r: [0.6097, 0.3111, 0.0195], g: [0.2053, 0.6257, 0.0609], b: [0.1492, 0.0632, 0.7446] },
  gamma: 2.2,
};

const D50 = [0.9642, 1, 0.8249] as const;

/** A matrix profile of an RGB display (ICC 2.4). */
export function rgbProfile({ primaries, gamma }: RgbColours): Buffer {
  const { r, g, b } = primaries;
  return makeProfile('RGB ', [
    ['wtpt', xyz(D50)],
    ['rXYZ', xyz(r)],
    ['gXYZ', xyz(g)],
    ['bXYZ', xyz(b)],
    ['rTRC', curve(gamma)],
    ['gTRC', curve(gamma)],
    ['bTRC', curve(gamma)],
  ]);
}

export function greyProfile(gamma: number): Buffer {
  return makeProfile('GRAY', [
    ['wtpt', xyz(D50)],
    ['kTRC', curve(gamma)],
  ]);
}

function makeProfile(colourSpace: string, tags: readonly (readonly [string, Buffer])[]): Buffer {
  const allTags = [['desc', description()], ['cprt', text('public domain')], ...tags] as const;
  const table = Buffer.alloc(4 + 12 * allTags.length);
  table.writeUInt32BE(allTags.length, 0);
  let offset = 128 + table.length;
  for (const [i, [signature, data]] of allTags.entries()) {
    table.write(signature, 4 + 12 * i, 'latin1');
    table.writeUInt32BE(offset, 8 + 12 * i);
    table.writeUInt32BE(data.length, 12 + 12 * i);
    offset += data.length;
  }
  const header = Buffer.alloc(128);
  header.writeUInt32BE(offset, 0);
  header.writeUInt32BE(0x02400000, 8);
  header.write(`mntr${colourSpace}XYZ `, 12, 'latin1');
  header.write('acsp', 36, 'latin1');
  xyz(D50).copy(header, 68, 8);
  return Buffer.concat([header, table, ...allTags.map(([, data]) => data)]);
}

function xyz(values: readonly number[]): Buffer {
  const data = Buffer.alloc(20);
  data.write('XYZ ', 0, 'latin1');
  for (const [i, value] of values.entries()) data.writeInt32BE(Math.round(value * 65_536), 8 + 4 * i);
  return data;
}

/** A tone curve of one exponent, padded to four bytes. */
function curve(gamma: number): Buffer {
  const data = Buffer.alloc(16);
  data.write('curv', 0, 'latin1');
  data.writeUInt32BE(1, 8);
  data.writeUInt16BE(Math.round(gamma * 256), 12);
  return data;
}

function text(value: string): Buffer {
  const data = Buffer.alloc(Math.ceil((9 + value.length) / 4) * 4);
  data.write(`text\0\0\0\0${value}`, 0, 'latin1');
  return data;
}

function description(): Buffer {
  const data = Buffer.alloc(104);
  data.write('desc', 0, 'latin1');
  data.writeUInt32BE(5, 8);
  data.write('test\0', 12, 'latin1');
  return data;
}
