import assert from 'node:assert/strict';
import { cp, link, mkdir, mkdtemp, readdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { readCheckpoint, type TrainingState } from '../../../src/training/checkpoint/checkpoint-file.ts';
import { Checkpoints } from '../../../src/training/checkpoint/checkpoints.ts';
import { beginning } from '../../../src/training/checkpoint/position.ts';
import { readSafetensors, type Tensor } from '../../../src/weights/safetensors-reader.ts';
import { writeSafetensors } from '../../../src/weights/safetensors-writer.ts';

const TRAINING = 'this one';

let root: string;
let folder: string;
let number = 0;
before(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'panelvec-checkpoints-'));
});
beforeEach(() => {
  folder = path.join(root, String(++number), 'checkpoints');
});
after(() => rm(root, { recursive: true, force: true }));

const tensors = (value: number) =>
  new Map<string, Tensor>([
    ['b', { dtype: 'float32', shape: [2], bytes: new Uint8Array(Float32Array.of(value, Number.NaN).buffer) }],
    ['a', { dtype: 'float32', shape: [], bytes: new Uint8Array(Float32Array.of(-value).buffer) }],
  ]);
const stateAt = (step: number, best: number | null = null): TrainingState => ({
  position: {
    ...beginning(4),
    step,
    sums: { loss: 0.1 + 0.2 },
    baseline: { validation_loss: 1 },
    best: best === null ? null : { epoch: 1, step: best, value: -1, measures: { validation_loss: 1 } },
  },
  weights: tensors(step),
  first: tensors(step + 0.25),
  second: tensors(step + 0.5),
});
const names = async () => (await readdir(folder)).sort();
const open = (training = TRAINING) => new Checkpoints(folder, training);

async function keep(...steps: readonly number[]): Promise<Checkpoints> {
  const checkpoints = open();
  await checkpoints.last();
  for (const step of steps) await checkpoints.keep(stateAt(step), false);
  return checkpoints;
}

describe('checkpoints', () => {
  it('come back as they were, bit for bit', async () => {
    await keep(7);
    const { state, damaged } = await open().last();
    assert.deepEqual(state, stateAt(7));
    assert.deepEqual(damaged, []);
  });

  it('are the last two and the best', async () => {
    const checkpoints = await keep(3);
    await checkpoints.keep(stateAt(6, 6), true);
    for (const step of [9, 12, 100_000_000]) await checkpoints.keep(stateAt(step, 6), false);
    assert.deepEqual(await names(), ['best.safetensors', 'step-000000012.safetensors', 'step-100000000.safetensors']);
    assert.equal((await readCheckpoint(checkpoints.best, TRAINING)).position.step, 6);
    assert.equal(await checkpoints.result(), checkpoints.best);
    assert.equal((await open().last()).state!.position.step, 100_000_000);
  });

  it('of which the last is the result where none is the best', async () => {
    assert.match(await (await keep(3, 6)).result(), /step-000000006/);
  });

  it('of nothing have no result', async () => {
    await assert.rejects((await keep()).result(), { code: 'weights_invalid' });
  });

  it('of another training are not gone on from, nor is the best of it the best of this', async () => {
    const checkpoints = await keep(3);
    await checkpoints.keep(stateAt(6, 6), true);
    const { state, damaged } = await open('another').last();
    assert.equal(state, undefined);
    assert.equal(damaged.length, 2);
    assert.match(damaged[0]!, /step-000000006.* is of another training/);
    assert.deepEqual(await names(), []);
  });

  it('are gone on from beside what a process left that was killed while it kept one', async () => {
    const checkpoints = await keep(3);
    await checkpoints.keep(stateAt(6, 6), true);
    const file = (name: string) => path.join(folder, name);
    await writeFile(file('pending.safetensors.123.tmp'), 'torn');
    await cp(file('step-000000003.safetensors'), file('pending.safetensors'));
    await link(file('pending.safetensors'), file('best.safetensors.tmp'));
    const again = open();
    assert.equal((await again.last()).state!.position.step, 6);
    await again.keep(stateAt(9, 9), true);
    assert.deepEqual(await names(), ['best.safetensors', 'step-000000006.safetensors', 'step-000000009.safetensors']);
    assert.equal((await readCheckpoint(again.best)).position.step, 9);
  });

  it('of which the best is whole wherever keeping one breaks off: the old one first, the new one before its step', async () => {
    const checkpoints = await keep(3);
    await checkpoints.keep(stateAt(6, 6), true);
    const best = async () => (await readCheckpoint(checkpoints.best, TRAINING)).position.step;
    // A folder is in the way of one move after the other.
    const linked = path.join(folder, 'best.safetensors.tmp');
    await mkdir(linked);
    await assert.rejects(checkpoints.keep(stateAt(9, 9), true));
    assert.equal(await best(), 6);
    await rmdir(linked);
    await mkdir(path.join(folder, 'step-000000012.safetensors'));
    await assert.rejects(checkpoints.keep(stateAt(12, 12), true));
    assert.equal(await best(), 12);
  });

  it('say which numbers they are of: another key, shape or position is noticed', async () => {
    await keep(3);
    const file = path.join(folder, 'step-000000003.safetensors');
    const { tensors: all, metadata } = await readSafetensors(file);
    const [[key, tensor]] = [...all] as [[string, Tensor]];
    const rest = [...all].slice(1);
    for (const [made, extra] of [
      [[['c', tensor], ...rest], {}],
      [[[key, { ...tensor, shape: [1, ...tensor.shape] }], ...rest], {}],
      [[...all], { position: metadata['position']!.replace('"step":3', '"step":4') }],
    ] as const) {
      await writeSafetensors(file, new Map(made as [string, Tensor][]), { ...metadata, ...extra });
      await assert.rejects(readCheckpoint(file, TRAINING), { code: 'weights_invalid', message: /not those/ });
    }
  });
});
