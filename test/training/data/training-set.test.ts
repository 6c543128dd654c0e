import assert from 'node:assert/strict';
import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { COLUMNS, type Column, type PageNote } from '../../../src/training/data/columns.ts';
import { batchFeeds } from '../../../src/training/data/feeds.ts';
import { writePart } from '../../../src/training/data/part-file.ts';
import { TrainingSet } from '../../../src/training/data/training-set.ts';
import { CounterRandom } from '../../../src/training/random/counter-random.ts';
import { floatColumn } from '../../support/training-set.ts';

let folder: string;
let set: TrainingSet;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'panelvec-parts-'));
  const parts = ['a', 'b', 'none'].map((name) => path.join(folder, name));
  await writePart(parts[0]!, [note('a/1', 2), note('a/2', 0), note('a/3', 1)], columns(1, [[5], [6, 7], [8]]));
  await writePart(parts[1]!, [], new Map());
  await writePart(parts[2]!, [note('b/1', 1), note('b/2', 2)], columns(4, [[9, 10, 11, 12], [], [13, 14, 15]]));
  set = await TrainingSet.open(parts);
});
after(async () => {
  await set[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function note(id: string, rows: number): PageNote {
  return { id, book: id[0]!, rows, texts: rows, validation: false };
}

/** Rows of tokens as long as the longest; the first composition number tells the rows apart. */
function columns(first: number, tokens: readonly number[][]): Map<string, Column> {
  const longest = Math.max(...tokens.map(({ length }) => length));
  const int64 = (pick: (row: number[], at: number) => number): Column => {
    const values = tokens.flatMap((row) => Array.from({ length: longest }, (_, at) => BigInt(pick(row, at))));
    return { dtype: 'int64', shape: [longest], bytes: new Uint8Array(BigInt64Array.from(values).buffer) };
  };
  return new Map([
    [
      COLUMNS.composition,
      floatColumn(
        [7],
        tokens.flatMap((_, row) => [first + row, 0, 0, 0, 0, 0, 0]),
      ),
    ],
    [
      COLUMNS.present,
      floatColumn(
        [3],
        tokens.flatMap((row) => [1, row.length > 0 ? 1 : 0, 1]),
      ),
    ],
    [
      COLUMNS.pixels,
      { dtype: 'uint8', shape: [1, 1, 3], bytes: Uint8Array.from(tokens.flatMap((_, row) => [first + row, 0, 255])) },
    ],
    [COLUMNS.tokens, int64((row, at) => row[at] ?? 0)],
    [COLUMNS.tokenMask, int64((row, at) => (at < row.length ? 1 : 0))],
  ]);
}

const pagesOf = (...ids: readonly string[]) => ids.map((id) => set.pages.find((page) => page.id === id)!);
const random = (purpose: string) => new CounterRandom(1, purpose);
const feedsOf = (ids: readonly string[], dropouts: { layer: string; width: number }[] = []) => {
  const options = { dropouts: dropouts as never, dropout: 0.5, modalityDropout: 0 };
  return batchFeeds(set, pagesOf(...ids), options, random);
};
const numbers = (feed: { data: unknown } | undefined) => [...(feed!.data as Float32Array)].map(Number);

describe('a training set', () => {
  it('has the pages of all parts, and of each its rows', async () => {
    const places = set.pages.map(({ id, part, first, rows }) => [id, part, first, rows]);
    assert.deepEqual(places, [
      ['a/1', 0, 0, 2],
      ['a/2', 0, 2, 0],
      ['a/3', 0, 2, 1],
      ['b/1', 2, 0, 1],
      ['b/2', 2, 1, 2],
    ]);
    const read = await set.read(pagesOf('b/2', 'a/3', 'a/1'));
    const composition = read.get(COLUMNS.composition)!;
    const rows = new Float32Array(composition.bytes.buffer);
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((row) => rows[7 * row]),
      [5, 6, 3, 1, 2],
    );
  });

  it('fills rows of different lengths up with zeros', async () => {
    const { shape, bytes } = (await set.read(pagesOf('a/1', 'b/1', 'a/3'))).get(COLUMNS.tokens)!;
    assert.deepEqual(shape, [4]);
    assert.deepEqual(
      [...new BigInt64Array(bytes.buffer)].map(Number),
      [5, 0, 0, 0, 6, 7, 0, 0, 9, 10, 11, 12, 8, 0, 0, 0],
    );
  });

  it('names the part that is torn', async () => {
    const torn = path.join(folder, 'torn');
    await writePart(torn, [note('c/1', 1)], columns(1, [[5]]));
    await truncate(torn, 100);
    await assert.rejects(TrainingSet.open([path.join(folder, 'a'), torn]), {
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
  it('are rows of the pages one after the other, with their numbers', async () => {
    const feeds = await feedsOf(['b/2', 'a/3', 'a/1']);
    assert.deepEqual(numbers(feeds['page']), [0, 0, 1, 2, 2]);
    assert.deepEqual(feeds['pixels']!.dims, [5, 1, 1, 3]);
    assert.deepEqual(
      numbers(feeds['pixels']).filter((_, at) => at % 3 === 0),
      [5, 6, 3, 1, 2],
    );
    assert.deepEqual(numbers(feeds['masked_counts']), [1, 0, 1]);
    const known = [
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
    assert.deepEqual(Object.keys(feeds).sort(), known);
  });

  it('have texts as long as the longest of the batch', async () => {
    for (const [ids, longest, tokens] of [
      [['a/3'], 1, [8]],
      [['a/1'], 2, [5, 0, 6, 7]],
      [['b/2'], 3, [0, 0, 0, 13, 14, 15]],
      [['b/1', 'a/3'], 4, [9, 10, 11, 12, 8, 0, 0, 0]],
    ] as const) {
      const feeds = await feedsOf(ids);
      assert.deepEqual(feeds['input_ids']!.dims, [tokens.length / longest, longest]);
      assert.deepEqual(numbers(feeds['input_ids']), tokens);
      assert.deepEqual(
        numbers(feeds['attention_mask']),
        tokens.map((token) => (token === 0 ? 0 : 1)),
      );
    }
  });

  it('have masks of each layer: one row a panel, or one a page where pages are guessed', async () => {
    const layers = [
      { layer: 'comp.mlp.3', width: 50 },
      { layer: 'comp.mlp.7', width: 50 },
      { layer: 'objectives.reconstruction_head.2', width: 40 },
    ];
    const feeds = await feedsOf(['a/1', 'b/2'], layers);
    const mask = (layer: string) => feeds[`dropout/${layer}`]!;
    assert.deepEqual(
      layers.map(({ layer }) => mask(layer).dims),
      [
        [4, 50],
        [4, 50],
        [2, 40],
      ],
    );
    assert.notDeepEqual(numbers(mask('comp.mlp.3')), numbers(mask('comp.mlp.7')));
    assert.deepEqual(new Set(numbers(mask('comp.mlp.3'))), new Set([0, 2]));
  });
});
