const MAGIC = Buffer.from('\x93NUMPY\x01\x00', 'latin1');
const ALIGNMENT = 64;

/**
 * Encodes rows of one width as a .npy file that holds a float32 array (rows, width). Format version 1.0: magic, header length,
 * header, then the values, row-major and little-endian. Source: numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function encodeNpy(rows: readonly Float32Array[], width: number): Buffer {
  const fields = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows.length}, ${width}), }`;
  const unpadded = MAGIC.length + 2 + fields.length + 1;
  const padding = (ALIGNMENT - (unpadded % ALIGNMENT)) % ALIGNMENT;
  const header = Buffer.from(`${fields}${' '.repeat(padding)}\n`, 'latin1');
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  const body = rows.map((row) => Buffer.from(row.buffer, row.byteOffset, row.byteLength));
  return Buffer.concat([MAGIC, length, header, ...body]);
}
