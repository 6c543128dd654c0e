import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { it } from 'node:test';

const PROJECT = path.join(import.meta.dirname, '../..');
/** The rows of tables of measures: those whose numbers have intervals, which the model card has of two splits */
const listMeasures = (text: string) => text.split('\n').filter((line) => /^\| .* [↑↓] \| -?\d\.\d{3} \[/.test(line));

for (const page of ['README.md', 'docs/fusion.md']) {
  it(`${page} has the measures of the model card`, async () => {
    const card = await readFile(path.join(PROJECT, 'models/compact/README.md'), 'utf8');
    const folds = listMeasures(card.slice(0, card.indexOf('### Episodes that the recipe was not tuned on')));
    assert.ok(folds.length > 10);
    const measures = listMeasures(await readFile(path.join(PROJECT, page), 'utf8'));
    assert.ok(measures.length > 5);
    for (const measure of measures) assert.ok(folds.includes(measure), measure);
  });
}
