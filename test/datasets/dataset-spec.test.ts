import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { completeDataset, datasetSchema } from '../../src/datasets/dataset-spec.ts';

const complete = (fields: object) => completeDataset(datasetSchema.parse(fields));

describe('the spec of a dataset', () => {
  it('makes each page a panel if it has neither a manifest nor panel files', () => {
    assert.equal(complete({ pages: 'books' }).panels.format, 'whole_page');
  });

  const refused: [fields: object, param: string, message: RegExp][] = [
    [{}, 'dataset.manifest', /either manifest or pages/],
    [{ manifest: 'm.csv', pages: 'books' }, 'dataset.manifest', /either manifest or pages/],
    [{ manifest: 'm.csv' }, 'dataset.panels.root', /give the folder/],
    [{ pages: 'books', panels: { format: 'whole_page', root: 'x' } }, 'dataset.panels.root', /reads no panel files/],
    [{ pages: 'books', encoding: 'klingon' }, 'dataset.encoding', /"klingon" is no known encoding: .*windows-1252/],
  ];
  for (const [fields, param, message] of refused) {
    it(`names the field that is wrong in ${JSON.stringify(fields)}`, () =>
      assert.throws(() => complete(fields), { code: 'invalid_request', param, message }));
  }
});
