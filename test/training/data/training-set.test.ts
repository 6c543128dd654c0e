import assert from 'node:assert/strict';
import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { writeTrainingPart } from '../../../src/training/data/training-part-file.ts';
import { TrainingSet } from '../../../src/training/data/training-set.ts';
import type { DropoutLayer } from '../../../src/training/graph-inputs.ts';
import { batchFeeds } from '../../../src/training/step/batch-feeds.ts';
import { COLUMNS, type Column, type PageMetadata } from '../../../src/training/training-columns.ts';
import { toFloatColumn } from '../../support/generated-training-set.ts';

let folder: string;
let trainingSet: TrainingSet;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'panelvec-parts-'));
  const parts = ['a', 'b', 'none'].map((name) => path.join(folder, name));
  await writeTrainingPart(
    parts[0]!,
    [makePage('a/1', 2), makePage('a/2', 0), makePage('a/3', 1)],
    makeColumns(1, [[5], [6, 7], [8]]),
  );
  await writeTrainingPart(parts[1]!, [], new Map());
  await writeTrainingPart(
    parts[2]!,
    [makePage('b/1', 1), makePage('b/2', 2)],
    makeColumns(4, [[9, 10, 11, 12], [], [13, 14, 15]]),
  );
  trainingSet = await TrainingSet.open(parts);
});
after(async () => {
  await trainingSet[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function makePage(id: string, rows: number): PageMetadata {
  return { id, book: id[0]!, rows, texts: rows, validation: false };
}

/** Rows of tokens as long as the longest; the first composition number tells the rows apart. */
function makeColumns(firstValue: number, tokens: readonly number[][]): Map<string, Column> {
  const maxLength = Math.max(...tokens.map(({ length }) => length));
  const int64Column = (valueAt: (row: number[], i: number) => number): Column => {
    const values = tokens.flatMap((row) => Array.from({ length: maxLength }, (_, i) => BigInt(valueAt(row, i))));
    return { dtype: 'int64', shape: [maxLength], bytes: new Uint8Array(BigInt64Array.from(values).buffer) };
  };
  return new Map([
    [
      COLUMNS.composition,
      toFloatColumn(
        [7],
        tokens.flatMap((_, row) => [firstValue + row, 0, 0, 0, 0, 0, 0]),
      ),
    ],
    [
      COLUMNS.present,
      toFloatColumn(
        [3],
        tokens.flatMap((row) => [1, row.length > 0 ? 1 : 0, 1]),
      ),
    ],
    [
      COLUMNS.pixels,
      {
        dtype: 'uint8',
        shape: [1, 1, 3],
        bytes: Uint8Array.from(tokens.flatMap((_, row) => [firstValue + row, 0, 255])),
      },
    ],
    [COLUMNS.tokens, int64Column((row, i) => row[i] ?? 0)],
    [COLUMNS.tokenMask, int64Column((row, i) => (i < row.length ? 1 : 0))],
  ]);
}

const findPages = (...ids: readonly string[]) => ids.map((id) => trainingSet.pages.find((page) => page.id === id)!);
const makeFeeds = (ids: readonly string[], dropouts: readonly DropoutLayer[] = []) => {
  const options = { dropouts, dropout: 0.5, modalityDropout: 0, views: 0, texts: 'joined' as const };
  return batchFeeds(trainingSet, findPages(...ids), options, [1]);
};
const toNumbers = (feed: { data: unknown } | undefined) => [...(feed!.data as Float32Array)].map(Number);

describe('a training set', () => {
  it('has the pages of all parts, each with its rows', async () => {
    const pageLocations = trainingSet.pages.map(({ id, part, firstRow, rows }) => [id, part, firstRow, rows]);
    assert.deepEqual(pageLocations, [
      ['a/1', 0, 0, 2],
      ['a/2', 0, 2, 0],
      ['a/3', 0, 2, 1],
      ['b/1', 2, 0, 1],
      ['b/2', 2, 1, 2],
    ]);
    const columns = await trainingSet.read(findPages('b/2', 'a/3', 'a/1'));
    const composition = columns.get(COLUMNS.composition)!;
    const rows = new Float32Array(composition.bytes.buffer);
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((row) => rows[7 * row]),
      [5, 6, 3, 1, 2],
    );
  });

  it('pads rows of different lengths with zeros', async () => {
    const { shape, bytes } = (await trainingSet.read(findPages('a/1', 'b/1', 'a/3'))).get(COLUMNS.tokens)!;
    assert.deepEqual(shape, [4]);
    assert.deepEqual(
      [...new BigInt64Array(bytes.buffer)].map(Number),
      [5, 0, 0, 0, 6, 7, 0, 0, 9, 10, 11, 12, 8, 0, 0, 0],
    );
  });

  it('names a part that is truncated', async () => {
    const tornFile = path.join(folder, 'torn');
    await writeTrainingPart(tornFile, [makePage('c/1', 1)], makeColumns(1, [[5]]));
    await truncate(tornFile, 100);
    await assert.rejects(TrainingSet.open([path.join(folder, 'a'), tornFile]), {
      code: 'weights_invalid',
      message: /torn/,
    });
    await assert.rejects(TrainingSet.open([path.join(folder, 'missing')]), {
      code: 'weights_invalid',
      message: /missing/,
    });
  });
});

describe('the feeds of a batch', () => {
  it('are the rows of the pages one after the other, with the indices of the pages', async () => {
    const feeds = await makeFeeds(['b/2', 'a/3', 'a/1']);
    assert.deepEqual(toNumbers(feeds['page']), [0, 0, 1, 2, 2]);
    assert.deepEqual(feeds['pixels']!.dims, [5, 1, 1, 3]);
    assert.deepEqual(
      toNumbers(feeds['pixels']).filter((_, i) => i % 3 === 0),
      [5, 6, 3, 1, 2],
    );
    assert.deepEqual(toNumbers(feeds['masked_counts']), [1, 0, 1]);
    const expectedNames = [
      'attention_mask',
      'comp_feats',
      'input_ids',
      'masked_counts',
      'masked_rows',
      'page',
      'pixels',
      'present',
      'shown',
    ];
    assert.deepEqual(Object.keys(feeds).sort(), expectedNames);
  });

  it('have texts that are cut to the longest of the batch', async () => {
    for (const [ids, maxLength, tokens] of [
      [['a/3'], 1, [8]],
      [['a/1'], 2, [5, 0, 6, 7]],
      [['b/2'], 3, [0, 0, 0, 13, 14, 15]],
      [['b/1', 'a/3'], 4, [9, 10, 11, 12, 8, 0, 0, 0]],
    ] as const) {
      const feeds = await makeFeeds(ids);
      assert.deepEqual(feeds['input_ids']!.dims, [tokens.length / maxLength, maxLength]);
      assert.deepEqual(toNumbers(feeds['input_ids']), tokens);
      assert.deepEqual(
        toNumbers(feeds['attention_mask']),
        tokens.map((token) => (token === 0 ? 0 : 1)),
      );
    }
  });

  it('have a mask for each layer: a row per panel, or a row per page in the reconstruction head', async () => {
    const layers = [
      { layer: 'comp.mlp.3', width: 50, rowsPer: 'panel' },
      { layer: 'comp.mlp.7', width: 50, rowsPer: 'panel' },
      { layer: 'objectives.reconstruction_head.2', width: 40, rowsPer: 'page' },
    ] as const;
    const feeds = await makeFeeds(['a/1', 'b/2'], layers);
    const mask = (layer: string) => feeds[`dropout/${layer}`]!;
    assert.deepEqual(
      layers.map(({ layer }) => mask(layer).dims),
      [
        [4, 50],
        [4, 50],
        [2, 40],
      ],
    );
    assert.notDeepEqual(toNumbers(mask('comp.mlp.3')), toNumbers(mask('comp.mlp.7')));
    assert.deepEqual(new Set(toNumbers(mask('comp.mlp.3'))), new Set([0, 2]));
  });
});
