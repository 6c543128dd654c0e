/** Pickles by hand: each function gives the opcodes of one value. */
export type Code = Buffer;

const bytes = (...values: number[]): Buffer => Buffer.from(values);
const char = (opcode: string): Buffer => Buffer.from(opcode, 'latin1');

export function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

export const join = (...parts: (Buffer | string)[]): Code =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? char(part) : part)));

/** A whole pickle of protocol 2. */
export const pickle = (...parts: (Buffer | string)[]): Buffer => join(bytes(0x80, 2), ...parts, '.');

export const text = (value: string): Code => join('X', uint32(Buffer.byteLength(value)), Buffer.from(value));

/** Any integer up to 2^31, else LONG1. */
export function int(value: number | bigint): Code {
  if (typeof value === 'number' && Math.abs(value) < 2 ** 31) return join('J', uint32(value >>> 0));
  const long = Buffer.alloc(8);
  long.writeBigInt64LE(BigInt.asIntN(64, BigInt(value)));
  return join(bytes(0x8a, 8), long);
}

export const tuple = (...items: Code[]): Code => join('(', ...items, 't');
export const global = (module: string, name: string): Code => join(`c${module}\n${name}\n`);
export const stackGlobal = (module: string, name: string): Code => join(text(module), text(name), bytes(0x93));
export const call = (callee: Code, ...args: Code[]): Code => join(callee, tuple(...args), 'R');
export const dict = (...entries: (readonly [Code, Code])[]): Code => join('}(', ...entries.flat(), 'u');
export const list = (...items: Code[]): Code => join('](', ...items, 'e');
export const orderedDict = call(global('collections', 'OrderedDict'));

export interface TensorFields {
  readonly storageClass?: string;
  readonly key?: string;
  /** Of the storage. */
  readonly elements?: number;
  readonly offset?: number | bigint;
  readonly shape?: readonly (number | bigint)[];
  readonly strides?: readonly (number | bigint)[];
  /** The last argument, which PyTorch 2 may add. */
  readonly metadata?: Code;
}

export function storage({ storageClass = 'FloatStorage', key = '0', elements = 4 }: TensorFields): Code {
  const id = tuple(text('storage'), global('torch', storageClass), text(key), text('cpu'), int(elements));
  return join(id, 'Q');
}

/** Four float32 in a vector, unless told otherwise. */
export function tensor(fields: TensorFields = {}): Code {
  const { offset = 0, shape = [4], strides = [1], metadata } = fields;
  return call(
    global('torch._utils', '_rebuild_tensor_v2'),
    storage(fields),
    int(offset),
    tuple(...shape.map(int)),
    tuple(...strides.map(int)),
    bytes(0x89),
    orderedDict,
    ...(metadata === undefined ? [] : [metadata]),
  );
}
