import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { HistoryFile, readHistory } from '../../../src/training/history/history-file.ts';
import { formatRecord, type HistoryRecord } from '../../../src/training/history/history-record.ts';
import { waitFor } from '../../support/wait-for.ts';

const MODULE = JSON.stringify(import.meta.resolve('../../../src/training/history/history-file.ts'));

describe('a history file', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'panelvec-history-'));
    file = path.join(folder, 'history.jsonl');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const stepRecord = (step: number, loss = step / 7): HistoryRecord => {
    return { kind: 'step', epoch: Math.ceil(step / 3), step, values: { loss, grad_norm: 1 } };
  };
  const epochRecord = (epoch: number): HistoryRecord => {
    return { kind: 'epoch', epoch, step: epoch * 3, values: { validation_loss: 1 / epoch } };
  };
  /** Three steps an epoch. */
  const makeRecords = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => from + i).flatMap((step) =>
      step % 3 === 0 ? [stepRecord(step), epochRecord(step / 3)] : [stepRecord(step)],
    );
  const writeRecords = async (lastStep: number, newRecords: readonly HistoryRecord[]) => {
    await using history = await HistoryFile.open(file, lastStep);
    for (const record of newRecords) history.append(record);
    await history.sync();
  };
  const readRecords = async () => {
    const records: HistoryRecord[] = [];
    for await (const record of readHistory(file)) records.push(record);
    return records;
  };
  const runProgram = (program: string, shell = 'exec "$@"') => {
    const node = [process.execPath, '--input-type=module', '-e', `import { HistoryFile } from ${MODULE};\n${program}`];
    return spawn('bash', ['-c', shell, 'bash', ...node], { stdio: ['ignore', 'pipe', 'inherit'] });
  };

  it('returns the records that were appended, in their order', async () => {
    await writeRecords(0, makeRecords(1, 7));
    assert.deepEqual(await readRecords(), makeRecords(1, 7));
    assert.deepEqual(await readdir(folder), ['history.jsonl']);
  });

  it('has null for numbers that JSON cannot hold, which is read as NaN', async () => {
    const values = { a: Number.NaN, b: Number.POSITIVE_INFINITY, c: Number.NEGATIVE_INFINITY, d: 1e-300 };
    await writeRecords(0, [{ kind: 'step', epoch: 1, step: 1, values }]);
    const line = '{"kind":"step","epoch":1,"step":1,"values":{"a":null,"b":null,"c":null,"d":1e-300}}\n';
    assert.equal(await readFile(file, 'utf8'), line);
    assert.deepEqual((await readRecords())[0]!.values, { a: Number.NaN, b: Number.NaN, c: Number.NaN, d: 1e-300 });
  });

  for (const [description, tail] of [
    ['nothing', ''],
    ['later steps', makeRecords(7, 10).map(formatRecord).join('')],
    ['a torn line', formatRecord(stepRecord(7)).slice(0, 30)],
    ['a torn line of an earlier step', formatRecord(stepRecord(1)).slice(0, -1)],
    ['later steps and a torn line', `${formatRecord(stepRecord(7))}${formatRecord(stepRecord(8)).slice(0, -1)}`],
    ['what a power cut leaves', '\0'.repeat(5000)],
    ['more of it than a line can be', `${'\0'.repeat(3_000_000)}\n`],
    ['another file', '{"kind":"step"}\n[]\n'],
    ['later steps, then earlier ones of a late owner', `${formatRecord(stepRecord(7))}${formatRecord(stepRecord(2))}`],
  ] as const) {
    it(`of a resumed training equals that of one that never stopped: after its checkpoint came ${description}`, async () => {
      await writeRecords(0, makeRecords(1, 10));
      const undisturbed = await readFile(file);
      await writeRecords(0, makeRecords(1, 6));
      await appendFile(file, tail);
      await writeRecords(6, makeRecords(7, 10));
      assert.deepEqual(await readFile(file), undisturbed);
      assert.deepEqual(await readdir(folder), ['history.jsonl']);
    });
  }

  it('starts anew where there is no checkpoint', async () => {
    await writeRecords(0, makeRecords(1, 6));
    await writeRecords(0, []);
    assert.deepEqual(await readRecords(), []);
  });

  it('has a record as soon as append returns', async () => {
    await using history = await HistoryFile.open(file, 0);
    history.append(stepRecord(1));
    assert.deepEqual(await readRecords(), [stepRecord(1)]);
  });

  it('has every record of a process that was killed', async () => {
    const child = runProgram(`
      const history = await HistoryFile.open(${JSON.stringify(file)}, 0);
      for (let step = 1; step <= 200; step++) history.append({ kind: 'step', epoch: 1, step, values: { loss: step } });
      process.kill(process.pid, 'SIGKILL');`);
    await once(child, 'exit');
    assert.equal((await readRecords()).length, 200);
  });

  it('is complete, old or new, whenever opening it is killed; temporary files are removed the next time', async () => {
    const allRecords = makeRecords(1, 30_000);
    await writeFile(file, allRecords.map(formatRecord).join(''));
    const keptRecords = allRecords.filter((record) => record.step <= 29_000);
    const child = runProgram(`
      console.log('opens');
      await HistoryFile.open(${JSON.stringify(file)}, 29_000);
      console.log('open');`);
    child.stdout.resume();
    // Killed while the copy is there that is to become the file, or was until just now.
    await waitFor('the copy', async () => child.exitCode !== null || (await readdir(folder)).length > 1);
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    const records = await readRecords();
    assert.ok(
      records.length === allRecords.length || records.length === keptRecords.length,
      `${records.length} records`,
    );
    await writeRecords(29_000, []);
    assert.deepEqual(await readRecords(), keptRecords);
    assert.deepEqual(await readdir(folder), ['history.jsonl']);
  });

  it('removes only its own temporary files', async () => {
    const stray = 'history.jsonl.123e4567-e89b-42d3-a456-426614174000';
    const others = ['history.jsonl.bak', 'other.jsonl.123e4567-e89b-42d3-a456-426614174000'];
    for (const name of [stray, ...others]) await writeFile(path.join(folder, name), '');
    await writeRecords(0, []);
    assert.deepEqual((await readdir(folder)).sort(), [...others, 'history.jsonl'].sort());
  });

  it('receives nothing from a former owner', async () => {
    await using staleOwner = await HistoryFile.open(file, 0);
    staleOwner.append(stepRecord(1));
    await using owner = await HistoryFile.open(file, 1);
    staleOwner.append(stepRecord(2, 99));
    owner.append(stepRecord(2));
    assert.deepEqual(await readRecords(), [stepRecord(1), stepRecord(2)]);
  });

  it('has no partial line where the disk is full, and continues when it has space again', async () => {
    // The limit of a file's size, in KiB, behaves as a full disk: a part of the write is done, then none.
    const child = runProgram(
      `
      const history = await HistoryFile.open(${JSON.stringify(file)}, 0);
      let step = 0;
      const append = (values) => history.append({ kind: 'step', epoch: 1, step: ++step, values });
      try { for (;;) append({ ['long'.repeat(100)]: 1 }); } catch (error) { console.log(error.code, error.cause.code); }
      append({});`,
      'ulimit -f 2; exec "$@"',
    );
    const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    assert.equal(output, 'storage_failed EFBIG\n');
    const records = await readRecords();
    assert.ok(records.length > 3);
    assert.deepEqual(records.at(-1)!.values, {});
  });

  it('is readable while it is written, up to the last complete line', async () => {
    await writeFile(file, `${formatRecord(stepRecord(1))}${formatRecord(stepRecord(2)).slice(0, -1)}`);
    assert.deepEqual(await readRecords(), [stepRecord(1)]);
  });

  it('ends before a line that is longer than any record', async () => {
    const longRecord: HistoryRecord = { kind: 'step', epoch: 1, step: 2, values: { ['x'.repeat(2 << 20)]: 1 } };
    await writeFile(file, [stepRecord(1), longRecord, stepRecord(3)].map(formatRecord).join(''));
    assert.deepEqual(await readRecords(), [stepRecord(1)]);
  });

  it('is not read where it is missing, or not a history', async () => {
    await assert.rejects(readRecords(), { code: 'not_found' });
    await writeFile(file, `${formatRecord(stepRecord(1))}{"kind":"other"}\n`);
    await assert.rejects(readRecords(), { code: 'storage_failed', message: /line 2, is no record/ });
  });

  it('is not opened in a folder that does not exist', async () => {
    await assert.rejects(HistoryFile.open(path.join(folder, 'absent', 'history.jsonl'), 0), { code: 'storage_failed' });
  });
});
