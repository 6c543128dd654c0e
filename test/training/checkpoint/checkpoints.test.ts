import assert from 'node:assert/strict';
import { link, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { readCheckpoint, type TrainingSnapshot } from '../../../src/training/checkpoint/checkpoint-file.ts';
import { Checkpoints } from '../../../src/training/checkpoint/checkpoints.ts';
import { initialTrainerState } from '../../../src/training/checkpoint/trainer-state.ts';
import { readSafetensors } from '../../../src/weights/safetensors-reader.ts';
import { writeSafetensors } from '../../../src/weights/safetensors-writer.ts';
import type { Tensor } from '../../../src/weights/tensor.ts';

const FINGERPRINT = 'this one';

let root: string;
let folder: string;
let folderCount = 0;
before(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'panelvec-checkpoints-'));
});
beforeEach(() => {
  folder = path.join(root, String(++folderCount), 'checkpoints');
});
after(() => rm(root, { recursive: true, force: true }));

const makeTensors = (value: number) =>
  new Map<string, Tensor>([
    ['b', { dtype: 'float32', shape: [2], bytes: new Uint8Array(Float32Array.of(value, Number.NaN).buffer) }],
    ['a', { dtype: 'float32', shape: [], bytes: new Uint8Array(Float32Array.of(-value).buffer) }],
  ]);
const makeSnapshot = (step: number, best: number | null = null): TrainingSnapshot => ({
  trainerState: {
    ...initialTrainerState(4),
    step,
    sums: { loss: 0.1 + 0.2 },
    baseline: { validation_loss: 1 },
    best: best === null ? null : { epoch: 1, step: best, value: -1, measures: { validation_loss: 1 } },
  },
  weights: makeTensors(step),
  firstMoments: makeTensors(step + 0.25),
  secondMoments: makeTensors(step + 0.5),
  averages: makeTensors(step + 0.75),
});
const listFiles = async () => (await readdir(folder)).sort();
const openCheckpoints = (fingerprint = FINGERPRINT) => new Checkpoints(folder, fingerprint);

async function saveCheckpoints(...steps: readonly number[]): Promise<Checkpoints> {
  const checkpoints = openCheckpoints();
  await checkpoints.loadLatest();
  for (const step of steps) await checkpoints.save(makeSnapshot(step), false);
  return checkpoints;
}

describe('checkpoints', () => {
  it('are read back bit for bit', async () => {
    await saveCheckpoints(7);
    const { snapshot, damaged } = await openCheckpoints().loadLatest();
    assert.deepEqual(snapshot, makeSnapshot(7));
    assert.deepEqual(damaged, []);
  });

  it('are the last two and the best', async () => {
    const checkpoints = await saveCheckpoints(3);
    await checkpoints.save(makeSnapshot(6, 6), true);
    for (const step of [9, 12, 100_000_000]) await checkpoints.save(makeSnapshot(step, 6), false);
    assert.deepEqual(await listFiles(), [
      'best.safetensors',
      'step-000000012.safetensors',
      'step-100000000.safetensors',
    ]);
    assert.equal((await readCheckpoint(checkpoints.bestFile, FINGERPRINT)).trainerState.step, 6);
    assert.equal(await checkpoints.resultFile(), checkpoints.bestFile);
    assert.equal((await openCheckpoints().loadLatest()).snapshot!.trainerState.step, 100_000_000);
  });

  it('have the last as the result where none is the best', async () => {
    assert.match(await (await saveCheckpoints(3, 6)).resultFile(), /step-000000006/);
  });

  it('have no result where there is none', async () => {
    await assert.rejects((await saveCheckpoints()).resultFile(), { code: 'weights_invalid' });
  });

  it('of another training are not resumed from, nor is its best the best of this one', async () => {
    const checkpoints = await saveCheckpoints(3);
    await checkpoints.save(makeSnapshot(6, 6), true);
    const { snapshot, damaged } = await openCheckpoints('another').loadLatest();
    assert.equal(snapshot, undefined);
    assert.equal(damaged.length, 2);
    assert.match(damaged[0]!, /step-000000006.* is of another training/);
    assert.deepEqual(await listFiles(), []);
  });

  it('are read beside temporary files of a process that was killed while it saved one', async () => {
    const checkpoints = await saveCheckpoints(3);
    await checkpoints.save(makeSnapshot(6, 6), true);
    const file = (name: string) => path.join(folder, name);
    const uuid = '123e4567-e89b-42d3-a456-426614174000';
    await writeFile(file(`step-000000009.safetensors.${uuid}.tmp`), 'torn');
    await link(file('best.safetensors'), file(`best.safetensors.${uuid}.tmp`));
    await writeFile(file('pending.safetensors.123.tmp'), 'torn by an earlier version');
    const reopened = openCheckpoints();
    assert.equal((await reopened.loadLatest()).snapshot!.trainerState.step, 6);
    await reopened.save(makeSnapshot(9, 9), true);
    assert.deepEqual(await listFiles(), [
      'best.safetensors',
      'step-000000006.safetensors',
      'step-000000009.safetensors',
    ]);
    assert.equal((await readCheckpoint(reopened.bestFile)).trainerState.step, 9);
  });

  it('have a complete best one wherever saving is interrupted: first the old one, then the new one, before its step', async () => {
    const checkpoints = await saveCheckpoints(3);
    await checkpoints.save(makeSnapshot(6, 6), true);
    const readBestStep = async () => (await readCheckpoint(checkpoints.bestFile, FINGERPRINT)).trainerState.step;
    const failure = new Error('the weights are gone');
    const unreadable = { ...makeTensors(9).get('a')!, bytes: new Uint8Array(8) };
    const broken = { ...makeSnapshot(9, 9), weights: new Map([['a', unreadable]]) };
    let reads = 0;
    Object.defineProperty(unreadable, 'bytes', {
      get: () => {
        // Once each for the hash and the header; the third read is that of the content.
        if (++reads > 2) throw failure;
        return new Uint8Array(8);
      },
    });
    await assert.rejects(checkpoints.save(broken, true), failure);
    assert.equal(await readBestStep(), 6);
    // A folder is in the way of the step's name.
    await mkdir(path.join(folder, 'step-000000012.safetensors'));
    await assert.rejects(checkpoints.save(makeSnapshot(12, 12), true));
    assert.equal(await readBestStep(), 12);
  });

  it('detect another key, shape or state', async () => {
    await saveCheckpoints(3);
    const file = path.join(folder, 'step-000000003.safetensors');
    const { tensors, metadata } = await readSafetensors(file);
    const [[key, tensor]] = [...tensors] as [[string, Tensor]];
    const rest = [...tensors].slice(1);
    for (const [changedTensors, changedMetadata] of [
      [[['c', tensor], ...rest], {}],
      [[[key, { ...tensor, shape: [1, ...tensor.shape] }], ...rest], {}],
      [[...tensors], { position: metadata['position']!.replace('"step":3', '"step":4') }],
    ] as const) {
      await writeSafetensors(file, new Map(changedTensors as [string, Tensor][]), { ...metadata, ...changedMetadata });
      await assert.rejects(readCheckpoint(file, FINGERPRINT), { code: 'weights_invalid', message: /not those/ });
    }
  });
});
