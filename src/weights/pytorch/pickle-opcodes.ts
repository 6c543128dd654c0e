import {
  callGlobal,
  discardState,
  makeObject,
  pushGlobal,
  pushStackGlobal,
  rejectInst,
  rejectOpcode,
} from './pickle-calls.ts';
import type { PickleMachine } from './pickle-machine.ts';
import {
  describePickleValue,
  PickleDict,
  PickleList,
  PickleSet,
  PickleTuple,
  type PickleValue,
} from './pickle-values.ts';

type OpcodeHandler = (machine: PickleMachine) => void;

/** Bounds the work of one integer; the longest that PyTorch writes has 10 bytes. */
const MAX_INTEGER_BYTES = 1024;

/** Opcodes without the text forms of protocol 0 and those of Python 2: PyTorch's zip format is younger than both. */
const TABLE: readonly (readonly [code: string | number, run: OpcodeHandler])[] = [
  ['.', (m) => m.stop()],
  ['(', (m) => m.pushMark()],
  ['0', (m) => void (m.isAtMark ? m.popToMark() : m.pop())],
  ['1', (m) => void m.popToMark()],
  [0x95, skipFrame],

  ['N', (m) => m.push(null)],
  [0x88, (m) => m.push(true)],
  [0x89, (m) => m.push(false)],
  ['K', (m) => m.push(m.cursor.readUint8())],
  ['M', (m) => m.push(m.cursor.readUint16())],
  ['J', (m) => m.push(m.cursor.readInt32())],
  [0x8a, (m) => pushInteger(m, m.cursor.readUint8())],
  [0x8b, (m) => pushInteger(m, m.cursor.readUint32())],
  ['G', (m) => m.push(m.cursor.readFloat64())],
  [0x8c, (m) => m.push(m.cursor.readText(m.cursor.readUint8()))],
  ['X', (m) => m.push(m.cursor.readText(m.cursor.readUint32()))],
  [0x8d, (m) => m.push(m.cursor.readText(m.cursor.readUint64()))],
  ['C', (m) => m.push(m.cursor.readBytes(m.cursor.readUint8()))],
  ['B', (m) => m.push(m.cursor.readBytes(m.cursor.readUint32()))],
  [0x8e, (m) => m.push(m.cursor.readBytes(m.cursor.readUint64()))],
  [0x96, (m) => m.push(m.cursor.readBytes(m.cursor.readUint64()))],

  [')', (m) => m.push(new PickleTuple([]))],
  [0x85, (m) => pushTuple(m, 1)],
  [0x86, (m) => pushTuple(m, 2)],
  [0x87, (m) => pushTuple(m, 3)],
  ['t', (m) => m.push(new PickleTuple(m.popToMark()))],
  [']', (m) => m.push(new PickleList())],
  ['a', (m) => append(m, [m.pop()])],
  ['e', (m) => append(m, m.popToMark())],
  ['}', (m) => m.push(new PickleDict())],
  ['s', (m) => setItems(m, [m.pop(), m.pop()].reverse())],
  ['u', (m) => setItems(m, m.popToMark())],
  [0x8f, (m) => m.push(new PickleSet())],
  [0x90, addItems],
  [0x91, pushFrozenSet],

  ['q', (m) => m.memoize(m.cursor.readUint8())],
  ['r', (m) => m.memoize(m.cursor.readUint32())],
  [0x94, (m) => m.memoizeNext()],
  ['h', (m) => m.pushMemoized(m.cursor.readUint8())],
  ['j', (m) => m.pushMemoized(m.cursor.readUint32())],

  ['Q', (m) => m.push(m.resolvers.resolvePersistentId(m.pop()))],
  ['c', pushGlobal],
  [0x93, pushStackGlobal],
  ['R', callGlobal],
  [0x81, makeObject],
  ['b', discardState],
  ['i', rejectInst],
  ['o', (m) => rejectOpcode(m, 'OBJ')],
  [0x92, (m) => rejectOpcode(m, 'NEWOBJ_EX')],
  [0x82, (m) => rejectOpcode(m, 'EXT1')],
  [0x83, (m) => rejectOpcode(m, 'EXT2')],
  [0x84, (m) => rejectOpcode(m, 'EXT4')],
];

/** Handlers by opcode (CPython, Lib/pickletools.py). What is not here is refused. */
export const OPCODES: ReadonlyMap<number, OpcodeHandler> = new Map(
  TABLE.map(([code, run]) => [typeof code === 'string' ? code.charCodeAt(0) : code, run]),
);

/** Skips a frame: it only helps readers of streams. But one that is longer than the pickle shows a truncated file. */
function skipFrame(machine: PickleMachine): void {
  if (machine.cursor.readUint64() > machine.cursor.remaining) throw machine.error('has a frame longer than itself');
}

/** Pushes an integer in two's complement, low byte first. */
function pushInteger(machine: PickleMachine, length: number): void {
  const bytes = machine.cursor.readBytes(length);
  if (length > MAX_INTEGER_BYTES) throw machine.error(`has an integer of ${length} bytes`);
  const hex = Buffer.from(bytes).reverse().toString('hex');
  const value = BigInt.asIntN(8 * length, BigInt(`0x${hex || '0'}`));
  machine.push(Number.isSafeInteger(Number(value)) ? Number(value) : value);
}

function pushTuple(machine: PickleMachine, length: number): void {
  const items: PickleValue[] = [];
  for (let i = 0; i < length; i++) items.unshift(machine.pop());
  machine.push(new PickleTuple(items));
}

function append(machine: PickleMachine, items: readonly PickleValue[]): void {
  const list = machine.top();
  if (!(list instanceof PickleList)) throw machine.error(`appends to ${describePickleValue(list)}`);
  for (const item of items) list.items.push(item);
}

function setItems(machine: PickleMachine, items: readonly PickleValue[]): void {
  const dict = machine.top();
  if (!(dict instanceof PickleDict)) throw machine.error(`sets items of ${describePickleValue(dict)}`);
  for (let i = 0; i < items.length; i += 2) {
    const [key, value] = [items[i], items[i + 1]];
    if (key === undefined || value === undefined) throw machine.error('sets a key without a value');
    if (key instanceof PickleList || key instanceof PickleDict)
      throw machine.error(`has ${describePickleValue(key)} as a key`);
    dict.set(key, value);
  }
}

function addItems(machine: PickleMachine): void {
  machine.popToMark();
  const set = machine.top();
  if (!(set instanceof PickleSet)) throw machine.error(`adds to ${describePickleValue(set)}`);
}

function pushFrozenSet(machine: PickleMachine): void {
  machine.popToMark();
  machine.push(new PickleSet());
}
