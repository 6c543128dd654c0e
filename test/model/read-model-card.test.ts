import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readModelCard } from '../../src/model/read-model-card.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'panelvec-card-'));
});
after(() => rm(folder, { recursive: true }));

describe('the card of a model', () => {
  it('is empty where the folder has none', async () => {
    assert.deepEqual(await readModelCard(folder), { text: null, tables: [] });
  });

  it('has the measures of its tables as numbers with their intervals', async () => {
    const text =
      '# m\n\n| part | content |\n|---|---|\n| a | 1 |\n\n## Worth\n\n| measure | m | other |\n|---|---|---|\n| recall | 0.950 [0.912, 0.975] | −0.5 |\n| note | 43 % | none |\n';
    await writeFile(path.join(folder, 'README.md'), text);
    assert.deepEqual(await readModelCard(folder), {
      text,
      tables: [
        {
          title: 'Worth',
          columns: ['m', 'other'],
          rows: [
            {
              measure: 'recall',
              figures: [
                { text: '0.950 [0.912, 0.975]', value: 0.95, interval: [0.912, 0.975] },
                { text: '−0.5', value: -0.5, interval: null },
              ],
            },
            {
              measure: 'note',
              figures: [
                { text: '43 %', value: 43, interval: null },
                { text: 'none', value: null, interval: null },
              ],
            },
          ],
        },
      ],
    });
  });

  it('has the measures of the training that made the model, before and after', async () => {
    const summary = { best: { epoch: 2, measures: { recall: 0.61239, loss: null } }, baseline: { recall: 0.4 } };
    await writeFile(path.join(folder, 'training.json'), JSON.stringify({ job_id: 'x', summary }));
    const { tables } = await readModelCard(folder);
    assert.deepEqual(tables[0]?.columns, ['trained', 'before the training']);
    assert.deepEqual(
      tables[0]?.rows.map(({ measure, figures }) => [measure, ...figures.map(({ value }) => value)]),
      [
        ['recall', 0.6124, 0.4],
        ['loss', null, null],
      ],
    );
  });

  it('has no measures of a training.json without them', async () => {
    for (const json of ['{"summary":{"best":null,"baseline":null}}', '{"spec":{}}', 'torn {']) {
      await writeFile(path.join(folder, 'training.json'), json);
      assert.equal((await readModelCard(folder)).tables.length, 1, json);
    }
  });
});
