import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { HistoryFile, readHistory } from '../../../src/training/history/history-file.ts';
import { formatRecord, type HistoryRecord } from '../../../src/training/history/record.ts';
import { waitFor } from '../../support/wait.ts';

const MODULE = JSON.stringify(import.meta.resolve('../../../src/training/history/history-file.ts'));

describe('a history file', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'panelvec-history-'));
    file = path.join(folder, 'history.jsonl');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const step = (number: number, loss = number / 7): HistoryRecord => {
    return { kind: 'step', epoch: Math.ceil(number / 3), step: number, values: { loss, grad_norm: 1 } };
  };
  const epoch = (number: number): HistoryRecord => {
    return { kind: 'epoch', epoch: number, step: number * 3, values: { validation_loss: 1 / number } };
  };
  /** Three steps an epoch. */
  const records = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, at) => from + at).flatMap((number) =>
      number % 3 === 0 ? [step(number), epoch(number / 3)] : [step(number)],
    );
  const write = async (lastStep: number, added: readonly HistoryRecord[]) => {
    await using history = await HistoryFile.open(file, lastStep);
    for (const record of added) history.append(record);
    await history.sync();
  };
  const read = async () => {
    const found: HistoryRecord[] = [];
    for await (const record of readHistory(file)) found.push(record);
    return found;
  };
  const runProgram = (program: string, shell = 'exec "$@"') => {
    const node = [process.execPath, '--input-type=module', '-e', `import { HistoryFile } from ${MODULE};\n${program}`];
    return spawn('bash', ['-c', shell, 'bash', ...node], { stdio: ['ignore', 'pipe', 'inherit'] });
  };

  it('gives back what was appended, in its order', async () => {
    await write(0, records(1, 7));
    assert.deepEqual(await read(), records(1, 7));
    assert.deepEqual(await readdir(folder), ['history.jsonl']);
  });

  it('has null for what JSON has no number for, which is read as NaN', async () => {
    const values = { a: Number.NaN, b: Number.POSITIVE_INFINITY, c: Number.NEGATIVE_INFINITY, d: 1e-300 };
    await write(0, [{ kind: 'step', epoch: 1, step: 1, values }]);
    const line = '{"kind":"step","epoch":1,"step":1,"values":{"a":null,"b":null,"c":null,"d":1e-300}}\n';
    assert.equal(await readFile(file, 'utf8'), line);
    assert.deepEqual((await read())[0]!.values, { a: Number.NaN, b: Number.NaN, c: Number.NaN, d: 1e-300 });
  });

  for (const [what, after] of [
    ['nothing', ''],
    ['later steps', records(7, 10).map(formatRecord).join('')],
    ['a torn line', formatRecord(step(7)).slice(0, 30)],
    ['a torn line of an earlier step', formatRecord(step(1)).slice(0, -1)],
    ['later steps and a torn line', `${formatRecord(step(7))}${formatRecord(step(8)).slice(0, -1)}`],
    ['what a power cut leaves', '\0'.repeat(5000)],
    ['more of it than a line can be', `${'\0'.repeat(3_000_000)}\n`],
    ['another file', '{"kind":"step"}\n[]\n'],
    ['later steps, then earlier ones of a late owner', `${formatRecord(step(7))}${formatRecord(step(2))}`],
  ] as const) {
    it(`of a training that goes on is that of one that never stopped: after its checkpoint came ${what}`, async () => {
      await write(0, records(1, 10));
      const undisturbed = await readFile(file);
      await write(0, records(1, 6));
      await appendFile(file, after);
      await write(6, records(7, 10));
      assert.deepEqual(await readFile(file), undisturbed);
      assert.deepEqual(await readdir(folder), ['history.jsonl']);
    });
  }

  it('begins anew where there is no checkpoint', async () => {
    await write(0, records(1, 6));
    await write(0, []);
    assert.deepEqual(await read(), []);
  });

  it('has a line at once, before anything is awaited', async () => {
    await using history = await HistoryFile.open(file, 0);
    history.append(step(1));
    assert.deepEqual(await read(), [step(1)]);
  });

  it('has every line of a process that was killed', async () => {
    const child = runProgram(`
      const history = await HistoryFile.open(${JSON.stringify(file)}, 0);
      for (let step = 1; step <= 200; step++) history.append({ kind: 'step', epoch: 1, step, values: { loss: step } });
      process.kill(process.pid, 'SIGKILL');`);
    await once(child, 'exit');
    assert.equal((await read()).length, 200);
  });

  it('is whole, old or new, whenever its cutting is killed; what that leaves goes next time', async () => {
    const long = records(1, 30_000);
    await writeFile(file, long.map(formatRecord).join(''));
    const kept = long.filter((record) => record.step <= 29_000);
    const child = runProgram(`
      console.log('opens');
      await HistoryFile.open(${JSON.stringify(file)}, 29_000);
      console.log('open');`);
    child.stdout.resume();
    // Killed while the copy is there that is to become the file, or was until just now.
    await waitFor('the copy', async () => child.exitCode !== null || (await readdir(folder)).length > 1);
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    const found = await read();
    assert.ok(found.length === long.length || found.length === kept.length, `${found.length} records`);
    await write(29_000, []);
    assert.deepEqual(await read(), kept);
    assert.deepEqual(await readdir(folder), ['history.jsonl']);
  });

  it('takes away its own strays only', async () => {
    const stray = 'history.jsonl.123e4567-e89b-42d3-a456-426614174000';
    const others = ['history.jsonl.bak', 'other.jsonl.123e4567-e89b-42d3-a456-426614174000'];
    for (const name of [stray, ...others]) await writeFile(path.join(folder, name), '');
    await write(0, []);
    assert.deepEqual((await readdir(folder)).sort(), [...others, 'history.jsonl'].sort());
  });

  it('gets nothing from an owner that was taken for dead', async () => {
    await using late = await HistoryFile.open(file, 0);
    late.append(step(1));
    await using owner = await HistoryFile.open(file, 1);
    late.append(step(2, 99));
    owner.append(step(2));
    assert.deepEqual(await read(), [step(1), step(2)]);
  });

  it('has no half line where the disk takes no more, and goes on when it does', async () => {
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
    const found = await read();
    assert.ok(found.length > 3);
    assert.deepEqual(found.at(-1)!.values, {});
  });

  it('is read while it is written, up to the last whole line', async () => {
    await writeFile(file, `${formatRecord(step(1))}${formatRecord(step(2)).slice(0, -1)}`);
    assert.deepEqual(await read(), [step(1)]);
  });

  it('ends before a line that is longer than any record, whatever it holds', async () => {
    const long: HistoryRecord = { kind: 'step', epoch: 1, step: 2, values: { ['x'.repeat(2 << 20)]: 1 } };
    await writeFile(file, [step(1), long, step(3)].map(formatRecord).join(''));
    assert.deepEqual(await read(), [step(1)]);
  });

  it('is not read where it is missing, or is none', async () => {
    await assert.rejects(read(), { code: 'not_found' });
    await writeFile(file, `${formatRecord(step(1))}{"kind":"other"}\n`);
    await assert.rejects(read(), { code: 'storage_failed', message: /line 2, is no record/ });
  });

  it('is not opened where it cannot be', async () => {
    await assert.rejects(HistoryFile.open(path.join(folder, 'absent', 'history.jsonl'), 0), { code: 'storage_failed' });
  });
});
