import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readPickle } from '../../../src/weights/pytorch/pickle-reader.ts';
import { PickleDict, PickleList, PickleTuple, type PickleValue } from '../../../src/weights/pytorch/pickle-values.ts';
import { torchResolvers } from '../../../src/weights/pytorch/torch-resolvers.ts';
import { WeightsError } from '../../../src/weights/weights-error.ts';
import {
  call,
  concat,
  dict,
  global,
  int,
  list,
  orderedDict,
  pickle,
  stackGlobal,
  tensor,
  text,
  tuple,
  uint32,
} from './pickle-builder.ts';

const read = (bytes: Uint8Array): PickleValue => readPickle(bytes, 'a.pt', torchResolvers('a.pt'));
const assertRefused = (bytes: Uint8Array, message: RegExp) =>
  assert.throws(() => read(bytes), { code: 'weights_invalid', message });
const byte = (...values: number[]) => Buffer.from(values);
const uint64 = (low: number, high = 0) => concat(uint32(low), uint32(high));

/** Tuples, lists and dicts as arrays. */
function toPlainValue(value: PickleValue): unknown {
  if (value instanceof PickleTuple || value instanceof PickleList) return value.items.map(toPlainValue);
  if (value instanceof PickleDict) return [...value.entries].map((entry) => entry.map(toPlainValue));
  return value;
}

describe('pickles', () => {
  const values: readonly [string, Uint8Array, unknown][] = [
    ['constants', pickle(tuple(concat('N'), byte(0x88), byte(0x89))), [null, true, false]],
    ['small integers', pickle(tuple(concat('K', byte(200)), concat('M', byte(1, 2)), int(-5))), [200, 513, -5]],
    [
      'long integers',
      pickle(tuple(int(2n ** 40n), int(-(2n ** 40n)), int(2n ** 60n))),
      [2 ** 40, -(2 ** 40), 2n ** 60n],
    ],
    ['a long integer of no bytes', pickle(byte(0x8a, 0)), 0],
    ['floats', pickle('G', byte(0x3f, 0xf8, 0, 0, 0, 0, 0, 0)), 1.5],
    [
      'strings',
      pickle(tuple(text('\ufeffé'), concat(byte(0x8c, 1), 'a'), concat(byte(0x8d), uint64(1), 'b'))),
      ['\ufeffé', 'a', 'b'],
    ],
    ['bytes', pickle('C', byte(2, 7, 8)), byte(7, 8)],
    ['fixed tuples', pickle('K', byte(1), byte(0x85), 'NN', byte(0x87)), [[1], null, null]],
    ['lists and dicts', pickle(dict([text('a'), list(int(1), int(2))])), [['a', [1, 2]]]],
    ['one item at a time', pickle('}', text('a'), ']K', byte(1), 'as'), [['a', [1]]]],
    [
      'frames and the memo',
      concat(byte(0x80, 4, 0x95), uint64(5), 'N', byte(0x94), 'h', byte(0), byte(0x86), '.'),
      [null, null],
    ],
    ['popped values', pickle('NK', byte(1), '0((0N1'), null],
    [
      'keys that objects reserve',
      pickle(dict([text('__proto__'), int(1)], [text('constructor'), int(2)])),
      [
        ['__proto__', 1],
        ['constructor', 2],
      ],
    ],
  ];
  for (const [description, bytes, expected] of values) {
    it(`reads ${description}`, () => {
      const value = toPlainValue(read(bytes));
      assert.deepEqual(value instanceof Uint8Array ? Buffer.from(value) : value, expected);
    });
  }

  it('drops the state of an OrderedDict', () => {
    assert.deepEqual(toPlainValue(read(pickle(orderedDict, dict([text('_metadata'), int(1)]), 'b'))), []);
  });

  it('takes structures that hold themselves or nest deeply', () => {
    const cyclicList = read(pickle(']q', byte(0), 'h', byte(0), 'a')) as PickleList;
    assert.equal(cyclicList.items[0], cyclicList);
    const depth = 200_000;
    assert.ok(read(pickle(']'.repeat(depth), 'a'.repeat(depth - 1))) instanceof PickleList);
    assert.ok(read(pickle('('.repeat(depth), 't'.repeat(depth))) instanceof PickleTuple);
  });

  it('refuses a pickle cut at any place', () => {
    const original = pickle(dict([text('w'), tensor()], [text('f'), concat('G', Buffer.alloc(8))]));
    read(original);
    for (let length = 0; length < original.length; length++)
      assertRefused(original.subarray(0, length), /truncated|no pickle/);
  });

  it('reads a pickle with any byte changed, or refuses it', () => {
    const original = pickle(dict([text('w'), tensor()], [text('l'), list(int(1), int(2n ** 60n))]));
    for (let offset = 0; offset < original.length; offset++) {
      for (let value = 0; value < 256; value++) {
        const changed = Buffer.from(original);
        changed[offset] = value;
        try {
          read(changed);
        } catch (error) {
          assert.ok(error instanceof WeightsError, `byte ${offset} as ${value}: ${error}`);
        }
      }
    }
  });
});

describe('pickles that ask for more than data', () => {
  const names: readonly [string, string][] = [
    ['os', 'system'],
    ['posix', 'system'],
    ['nt', 'system'],
    ['builtins', 'eval'],
    ['builtins', 'exec'],
    ['__builtin__', 'getattr'],
    ['subprocess', 'Popen'],
    ['torch.hub', 'load'],
    ['torch.storage', '_load_from_bytes'],
    ['torch', 'load'],
    ['collections', 'OrderedDict.__init__'],
    ['numpy', 'load'],
    ['__proto__', 'constructor'],
  ];
  for (const [module, name] of names) {
    const message = new RegExp(`a\\.pt asks for ${module}\\.${name}, which is not allowed: nothing of it was run`);
    it(`refuses ${module}.${name}`, () => {
      assertRefused(pickle(call(global(module, name), text('true'))), message);
      assertRefused(pickle(call(stackGlobal(module, name), text('true'))), message);
      assertRefused(pickle('(', text('true'), `i${module}\n${name}\n`), message);
      assertRefused(pickle(dict([text('unused'), global(module, name)])), message);
    });
  }

  it('refuses classes of models, and says what to save instead', () => {
    assertRefused(
      pickle(global('torch.nn.modules.linear', 'Linear')),
      /holds a whole module .*save model\.state_dict\(\)/,
    );
    assertRefused(pickle(global('__main__', 'Net')), /asks for __main__\.Net.*model\.state_dict\(\)/);
  });

  it('keeps a hostile name on one line', () => {
    assertRefused(pickle(stackGlobal('a\nb', '\u001b[2J')), /^a\.pt asks for a\\u\{000a\}b\.\\u\{001b\}\[2J, .*$/);
  });

  const storageClass = global('torch', 'FloatStorage');
  const cases: readonly [string, Uint8Array, RegExp][] = [
    ['a call of what is no function', pickle(call(text('os.system'))), /calls a string, which is not allowed/],
    ['a call of a storage class', pickle(call(storageClass)), /calls torch\.FloatStorage, which is not allowed/],
    ['a call without a tuple', pickle(global('collections', 'OrderedDict'), ']R'), /with a list/],
    ['a filled OrderedDict', pickle(call(global('collections', 'OrderedDict'), list())), /with arguments/],
    [
      'a new object',
      pickle(global('collections', 'OrderedDict'), ')', byte(0x81)),
      /makes an object of collections\.Ord/,
    ],
    ['a new object with keywords', pickle(storageClass, ')}', byte(0x92)), /opcode NEWOBJ_EX, which is not allowed/],
    ['OBJ', pickle('(', storageClass, 'o'), /opcode OBJ, which is not allowed/],
    ['INST', pickle('(icollections\nOrderedDict\n'), /opcode INST, which is not allowed/],
    ['EXT1', pickle(byte(0x82, 1)), /opcode EXT1, which is not allowed/],
    ['EXT2', pickle(byte(0x83, 1, 0)), /opcode EXT2, which is not allowed/],
    ['EXT4', pickle(byte(0x84, 1, 0, 0, 0)), /opcode EXT4, which is not allowed/],
    ['a state for a dict', pickle('}}b'), /gives a state to a dict, which is not allowed/],
    ['a state for a tensor', pickle(tensor(), '}b'), /gives a state to a tensor, which is not allowed/],
    ['a state for a global', pickle(storageClass, '}b'), /gives a state to torch\.FloatStorage/],
    ['a global that is not named by strings', pickle('NN', byte(0x93)), /asks for a global by None and None/],
    [
      'a persistent id of another kind',
      pickle(tuple(text('module'), storageClass), 'Q'),
      /persistent id that is no storage/,
    ],
    ['a persistent id that is no tuple', pickle(text('0'), 'Q'), /a string as a persistent id/],
    ['a storage of another class', pickle(tuple(text('storage'), text('os')), 'Q'), /without a storage class/],
    ['a storage of a negative size', pickle(tensor({ numElements: -1 })), /storage "0" has no number of elements/],
    [
      'a tensor without a storage',
      pickle(call(global('torch._utils', '_rebuild_tensor_v2'), int(1))),
      /without a storage/,
    ],
    ['a tensor of too few strides', pickle(tensor({ shape: [2, 2] })), /without a shape and as many strides/],
    [
      'a tensor of too many axes',
      pickle(tensor({ shape: Array(65).fill(1), strides: Array(65).fill(1) })),
      /without a shape/,
    ],
    ['a tensor marked as negated', pickle(tensor({ metadata: dict([text('neg'), byte(0x88)]) })), /with metadata/],
    ['a size past 2^53', pickle(tensor({ shape: [2n ** 60n] })), /without a shape/],
    [
      'a parameter of a string',
      pickle(call(global('torch._utils', '_rebuild_parameter'), text('w'))),
      /without a tensor/,
    ],
  ];
  for (const [description, bytes, message] of cases) it(`refuses ${description}`, () => assertRefused(bytes, message));
});

describe('pickles that are broken', () => {
  const cases: readonly [string, Uint8Array, RegExp][] = [
    ['protocol 0', Buffer.from('I1\n.'), /no pickle of protocol 2 to 5/],
    ['protocol 6', byte(0x80, 6, 0x4e, 0x2e), /a pickle of protocol 6/],
    ['an unknown opcode', pickle(byte(0xff)), /opcode 0xff, which is not supported/],
    ['an empty stack at the end', pickle(), /takes from an empty stack/],
    ['an empty stack under a mark', pickle('](Na'), /takes from an empty stack/],
    ['a call without arguments', pickle('R'), /takes from an empty stack/],
    ['a missing mark', pickle('t'), /lacks a mark/],
    ['values left behind', pickle('NN'), /leaves values behind/],
    ['bytes after the end', concat(pickle('N'), 'N'), /is followed by 1 bytes/],
    ['an empty memo', pickle('h', byte(3)), /reads memo entry 3, which it never set/],
    ['a memo far away', pickle('j', uint32(0xffffffff)), /reads memo entry 4294967295/],
    ['a string of 4 GB', pickle('X', uint32(0xffffffff)), /truncated/],
    ['a string of 2^64 bytes', pickle(byte(0x8d), uint64(0xffffffff, 0xffffffff)), /truncated/],
    ['bytes of 2^63 bytes', pickle(byte(0x8e), uint64(0, 0x80000000)), /truncated/],
    ['an integer of 4 GB', pickle(byte(0x8b), uint32(0xffffffff)), /truncated/],
    ['an integer of 2 KB', pickle(byte(0x8b), uint32(2048), Buffer.alloc(2048, 1)), /an integer of 2048 bytes/],
    ['a frame longer than the file', pickle(byte(0x95), uint64(0, 1), 'N'), /a frame longer than itself/],
    ['a string that is no UTF-8', pickle('X', uint32(1), byte(0xff)), /no UTF-8/],
    ['a list as a key', pickle('}]Ns'), /a list as a key/],
    ['a key without a value', pickle('}(Nu'), /a key without a value/],
    ['items of a list', pickle(']NNs'), /sets items of a list/],
    ['an append to a dict', pickle('}Na'), /appends to a dict/],
    ['an addition to a list', pickle('](N', byte(0x90)), /adds to a list/],
    ['a name without an end', pickle('cos'), /truncated/],
    ['too many opcodes', pickle('N0'.repeat(1_000_001), 'N'), /more than 2000000 opcodes/],
  ];
  for (const [description, bytes, message] of cases) it(`refuses ${description}`, () => assertRefused(bytes, message));
});
