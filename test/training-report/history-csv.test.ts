import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import type { HistoryRecord } from '../../src/training/history/history-record.ts';
import { historyCsv, type ReadRecords, writeHistoryCsv } from '../../src/training-report/history-csv.ts';

const RECORDS: readonly HistoryRecord[] = [
  { kind: 'step', epoch: 1, step: 1, values: { loss: 2.5, grad_norm: Number.NaN } },
  { kind: 'step', epoch: 1, step: 2, values: { grad_norm: 1e-7, loss: 0 } },
  { kind: 'epoch', epoch: 1, step: 2, values: { validation_loss: 0.125 } },
];

async function* yieldRecords(records: readonly HistoryRecord[]): AsyncGenerator<HistoryRecord> {
  yield* records;
}
const collectCsv = async (read: ReadRecords) => {
  let csv = '';
  for await (const line of historyCsv(read)) csv += line;
  return csv;
};
const csvOf = (records: readonly HistoryRecord[]) => collectCsv(() => yieldRecords(records));

describe('a history as CSV', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'panelvec-csv-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('has a column for each name, in order of appearance, empty where there is no value', async () => {
    const rows = [
      'kind,epoch,step,loss,grad_norm,validation_loss',
      'step,1,1,2.5,NaN,',
      'step,1,2,0,1e-7,',
      'epoch,1,2,,,0.125',
      '',
    ];
    assert.equal(await csvOf(RECORDS), rows.join('\n'));
  });

  it('has only a header without records', async () => {
    assert.equal(await csvOf([]), 'kind,epoch,step\n');
  });

  it('is parsed by a CSV library, whatever the names', async () => {
    const values = { 'a,b': 1, 'say "c"': 2, 'two\nlines': 3, constructor: 4 };
    const records: HistoryRecord[] = [...RECORDS, { kind: 'step', epoch: 2, step: 3, values }];
    const rows = parse(await csvOf(records), { columns: true }) as Record<string, string>[];
    assert.equal(rows.length, 4);
    for (const [name, value] of Object.entries(values)) {
      assert.equal(rows[3]![name], String(value));
      assert.equal(rows[0]![name], '');
    }
  });

  it('leaves out records that are appended while it is written', async () => {
    let reads = 0;
    const readGrowing = () => yieldRecords(reads++ === 0 ? RECORDS.slice(0, 2) : RECORDS);
    assert.equal(await collectCsv(readGrowing), 'kind,epoch,step,loss,grad_norm\nstep,1,1,2.5,NaN\nstep,1,2,0,1e-7\n');
  });

  it('is written completely or not at all', async () => {
    const file = path.join(folder, 'history.csv');
    await writeHistoryCsv(() => yieldRecords(RECORDS), file, folder);
    assert.equal(await readFile(file, 'utf8'), await csvOf(RECORDS));
    let reads = 0;
    const readBroken = async function* (): AsyncGenerator<HistoryRecord> {
      yield* RECORDS.slice(0, 1);
      if (reads++ > 0) throw new Error('broken');
      yield* RECORDS.slice(1);
    };
    await assert.rejects(writeHistoryCsv(readBroken, file, folder), /broken/);
    assert.equal(await readFile(file, 'utf8'), await csvOf(RECORDS));
    assert.deepEqual(await readdir(folder), ['history.csv']);
  });
});
