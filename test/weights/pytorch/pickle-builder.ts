/** Pickles by hand: each function gives the opcodes of one value. */
export type PickleCode = Buffer;

const toBuffer = (...values: number[]): Buffer => Buffer.from(values);
const char = (opcode: string): Buffer => Buffer.from(opcode, 'latin1');

export function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

export const concat = (...parts: (Buffer | string)[]): PickleCode =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? char(part) : part)));

/** A whole pickle of protocol 2. */
export const pickle = (...parts: (Buffer | string)[]): Buffer => concat(toBuffer(0x80, 2), ...parts, '.');

export const text = (value: string): PickleCode => concat('X', uint32(Buffer.byteLength(value)), Buffer.from(value));

/** Any integer up to 2^31, else LONG1. */
export function int(value: number | bigint): PickleCode {
  if (typeof value === 'number' && Math.abs(value) < 2 ** 31) return concat('J', uint32(value >>> 0));
  const long = Buffer.alloc(8);
  long.writeBigInt64LE(BigInt.asIntN(64, BigInt(value)));
  return concat(toBuffer(0x8a, 8), long);
}

export const tuple = (...items: PickleCode[]): PickleCode => concat('(', ...items, 't');
export const global = (module: string, name: string): PickleCode => concat(`c${module}\n${name}\n`);
export const stackGlobal = (module: string, name: string): PickleCode =>
  concat(text(module), text(name), toBuffer(0x93));
export const call = (callee: PickleCode, ...args: PickleCode[]): PickleCode => concat(callee, tuple(...args), 'R');
export const dict = (...entries: (readonly [PickleCode, PickleCode])[]): PickleCode =>
  concat('}(', ...entries.flat(), 'u');
export const list = (...items: PickleCode[]): PickleCode => concat('](', ...items, 'e');
export const orderedDict = call(global('collections', 'OrderedDict'));

export interface TensorFields {
  readonly storageClass?: string;
  readonly key?: string;
  /** Number of elements of the storage. */
  readonly numElements?: number;
  readonly offset?: number | bigint;
  readonly shape?: readonly (number | bigint)[];
  readonly strides?: readonly (number | bigint)[];
  /** The last argument, which PyTorch 2 may add. */
  readonly metadata?: PickleCode;
}

export function storage({ storageClass = 'FloatStorage', key = '0', numElements = 4 }: TensorFields): PickleCode {
  const id = tuple(text('storage'), global('torch', storageClass), text(key), text('cpu'), int(numElements));
  return concat(id, 'Q');
}

/** Four float32 in a vector, unless told otherwise. */
export function tensor(fields: TensorFields = {}): PickleCode {
  const { offset = 0, shape = [4], strides = [1], metadata } = fields;
  return call(
    global('torch._utils', '_rebuild_tensor_v2'),
    storage(fields),
    int(offset),
    tuple(...shape.map(int)),
    tuple(...strides.map(int)),
    toBuffer(0x89),
    orderedDict,
    ...(metadata === undefined ? [] : [metadata]),
  );
}
