import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openPyTorch } from '../../../src/weights/pytorch/open-pytorch.ts';
import {
  call,
  concat,
  dict,
  global,
  int,
  list,
  orderedDict,
  type PickleCode,
  pickle,
  tensor,
  text,
} from './pickle-builder.ts';
import { readTensors } from './read-tensors.ts';
import { writeTorch } from './zip-builder.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'panelvec-hostile-'));
});
after(() => rm(folder, { recursive: true }));

const FOUR_FLOATS = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
const write = (value: PickleCode, storages = { 0: FOUR_FLOATS }) =>
  writeTorch(path.join(folder, 'model.pt'), pickle(value), storages);
const read = async (value: PickleCode, prefix?: string) => readTensors(await write(value), prefix);
const open = async (value: PickleCode) => openPyTorch(await write(value));
const assertRefused = async (value: PickleCode, message: RegExp, storages?: { 0: Uint8Array<ArrayBuffer> }) =>
  assert.rejects(readTensors(await write(value, storages)), { code: 'weights_invalid', message });
const weights = (...fields: Parameters<typeof tensor>) => dict([text('w'), tensor(...fields)]);

describe('hostile checkpoints', () => {
  it('runs nothing, wherever in the file it is asked for', async () => {
    const marker = path.join(folder, 'was-run');
    const attack = call(global('os', 'system'), text(`touch ${marker}`));
    const message = /model\.pt asks for os\.system, which is not allowed: nothing of it was run/;
    await assertRefused(attack, message);
    await assertRefused(dict([text('w'), tensor()], [text('x'), attack]), message);
    await assertRefused(dict([text('model'), weights()], [text('optimizer'), list(attack)]), message);
    await assertRefused(concat(orderedDict, dict([text('_metadata'), attack]), 'b'), message);
    assert.equal(existsSync(marker), false);
  });

  it('bounds the copies that a small file can ask for', async () => {
    const views = Array.from(
      { length: 40 },
      (_, i) => [text(`w${i}`), tensor({ shape: [65536, 4], strides: [0, 1] })] as const,
    );
    await assertRefused(dict(...views), /"w1" is one of so many views/);
  });
});

describe('tensors and their storages', () => {
  it('reads an expanded constant', async () => {
    const { bytes } = (await read(weights({ offset: 1, shape: [2, 3], strides: [0, 0] }))).get('w')!;
    assert.deepEqual([...new Float32Array(bytes.buffer)], [2, 2, 2, 2, 2, 2]);
  });

  it('reads an empty tensor without its storage', async () => {
    const { shape, bytes } = (await read(weights({ key: 'none', shape: [0, 3], strides: [3, 1] }))).get('w')!;
    assert.deepEqual([shape, bytes.length], [[0, 3], 0]);
  });

  it('takes empty metadata', async () => {
    assert.equal((await read(weights({ metadata: dict() }))).size, 1);
  });

  it('keeps one tensor under many names as one', async () => {
    const named = dict([text('a'), concat(tensor({ offset: 1, shape: [2] }), 'q\x00')], [text('b'), concat('h\x00')]);
    const tensors = await read(named);
    assert.equal(tensors.get('a'), tensors.get('b'));
  });

  const cases: readonly [string, PickleCode, RegExp][] = [
    ['more elements than the storage', weights({ shape: [5] }), /"w" reaches from element 0 to 5 of a storage of 4/],
    ['an offset past the storage', weights({ offset: 1 }), /"w" reaches from element 1 to 5/],
    ['an offset past it for no elements', weights({ offset: 5, shape: [0] }), /"w" reaches from element 5 to 5/],
    ['strides past the storage', weights({ shape: [2, 2], strides: [3, 1] }), /"w" reaches from element 0 to 5/],
    ['a stride that no sum can hold', weights({ strides: [2n ** 53n - 1n] }), /"w" reaches from element 0/],
    ['a negative offset', weights({ offset: -1 }), /"w" reaches from element -1/],
    ['a negative size', weights({ shape: [-4] }), /"w" has the negative shape \(-4\)/],
    ['two negative sizes', weights({ shape: [-2, -2], strides: [1, 1] }), /"w" has the negative shape/],
    ['a negative stride', weights({ offset: 3, strides: [-1] }), /"w" has negative strides \(-1\)/],
    [
      'an expansion bomb',
      weights({ shape: [1 << 20, 1 << 10], strides: [0, 0] }),
      /"w" expands 4 elements to 1073741824/,
    ],
    [
      'sizes that overflow beside a zero',
      weights({ shape: [...Array(30).fill(2n ** 50n), 0], strides: Array(31).fill(0) }),
      /"w" has too large a shape/,
    ],
    ['a record shorter than its storage', weights({ numElements: 5 }), /"x\/data\/0" has 16 bytes, its storage 20/],
    [
      'a second storage of the same key, but longer',
      dict([text('a'), tensor()], [text('w'), tensor({ numElements: 8 })]),
      /has 16 bytes, its storage 32/,
    ],
    ['a missing record', weights({ key: '../../etc/passwd' }), /record "x\/data\/\.\.\/\.\.\/etc\/passwd" is missing/],
    ['int16', weights({ storageClass: 'ShortStorage' }), /"w" is int16, which is not supported/],
    ['complex numbers', weights({ storageClass: 'ComplexFloatStorage' }), /"w" is complex64, which is not supported/],
  ];
  for (const [description, value, message] of cases) it(`refuses ${description}`, () => assertRefused(value, message));
});

describe('state dicts', () => {
  it('reads only the storages of the tensors that are loaded', async () => {
    const unused = tensor({ key: 'missing', storageClass: 'ShortStorage' });
    const tensors = await read(dict([text('state_dict'), weights()], [text('optimizer'), unused]), 'state_dict.');
    assert.deepEqual([...tensors.keys()], ['w']);
  });

  it('names tensors by their dicts, and lists what is no tensor', async () => {
    const nested = dict(
      [text('a'), dict([int(0), tensor()], [text('lr'), int(1)])],
      [text('b.c'), tensor()],
      [text('epoch'), int(3)],
    );
    const { tensors, others } = await open(nested);
    assert.deepEqual(
      tensors.map(({ key, dict: path }) => [key, path]),
      [
        ['b.c', ''],
        ['a.0', 'a.'],
      ],
    );
    assert.deepEqual(others, ['epoch', 'a.lr']);
  });

  it('bounds the names that a small file can ask for', { timeout: 5000 }, async () => {
    const levels = 20_000;
    const deep = concat(
      ...Array.from({ length: levels }, () => ['}', text('a')]).flat(),
      tensor(),
      ...Array(levels).fill('s'),
    );
    const { tensors, others } = await open(dict([text('w'), tensor()], [text('deep'), deep]));
    assert.deepEqual([tensors.length, others.length], [1, 1]);
    const name = text('n'.repeat(100_000));
    const wide = dict(
      ...Array.from(
        { length: 700 },
        (_, i) =>
          [
            text(String(i)),
            i === 0 ? dict([concat(name, 'q\x00'), tensor()]) : dict([concat('h\x00'), tensor()]),
          ] as const,
      ),
    );
    await assertRefused(wide, /has too many names, or too long ones$/);
  });

  it('reads a dict that is there twice once, and one that holds itself', async () => {
    const twice = dict([text('a'), concat(weights(), 'q\x00')], [text('b'), concat('h\x00')]);
    assert.deepEqual(
      (await open(twice)).tensors.map(({ key }) => key),
      ['a.w'],
    );
  });

  it('takes keys that objects reserve', async () => {
    const tensors = await read(dict([text('__proto__'), tensor()], [text('constructor'), tensor()]));
    assert.deepEqual([...tensors.keys()], ['__proto__', 'constructor']);
  });

  it('reads types that have no storage class (_rebuild_tensor_v3)', async () => {
    const bytes = concat(
      '((',
      text('storage'),
      global('torch.storage', 'UntypedStorage'),
      text('0'),
      text('cpu'),
      int(16),
      'tQ',
      int(2),
      '(',
      int(2),
      't(',
      int(1),
      't',
      Buffer.of(0x89),
      orderedDict,
      global('torch', 'float32'),
      't',
    );
    const tensors = await read(dict([text('w'), concat(global('torch._utils', '_rebuild_tensor_v3'), bytes, 'R')]));
    assert.deepEqual([...new Float32Array(tensors.get('w')!.bytes.buffer)], [3, 4]);
  });

  const cases: readonly [string, PickleCode, RegExp][] = [
    ['a list', list(tensor()), /holds a list, not a state dict/],
    ['one tensor', tensor(), /holds a tensor, not a state dict/],
    [
      'no tensors',
      dict([text('epoch'), int(1)], [text('model'), dict()]),
      /holds no state dict: there are no tensors in it/,
    ],
    [
      'two tensors that have one name',
      dict([text('a.b'), tensor()], [text('a'), dict([text('b'), tensor()])]),
      /has the key "a\.b" twice/,
    ],
    ['a repeated key', dict([text('w'), tensor()], [text('w'), tensor()]), /has the key "w" twice/],
    [
      'a repeated key in a nested dict',
      dict([text('model'), dict([text('w'), tensor()], [text('w'), tensor()])]),
      /has the key "model.w" twice/,
    ],
    [
      'a repeated state dict',
      dict([text('model'), weights()], [text('model'), weights()]),
      /has the key "model" twice/,
    ],
  ];
  for (const [description, value, message] of cases) it(`refuses ${description}`, () => assertRefused(value, message));
});
