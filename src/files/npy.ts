/** NumPy's .npy format, version 1.0: magic, header length, header, row-major little-endian float32. */
const MAGIC = Buffer.from('\x93NUMPY\x01\x00', 'latin1');
const ALIGNMENT = 64;

/** Rows of one width as the bytes of a float32 array (rows, width). */
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
