import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TrainingSet } from '../../../src/training/data/training-set.ts';
import { columnInput } from '../../../src/training/graph-inputs.ts';
import { batchFeeds, type FeedOptions } from '../../../src/training/step/batch-feeds.ts';
import { COLUMNS, viewsColumn, visionColumn } from '../../../src/training/training-columns.ts';
import {
  BACKBONES,
  type GeneratedTrainingSet,
  generateTrainingSet,
  TEXT_FEATURES,
} from '../../support/generated-training-set.ts';

const VIEWS = 3;
const STEPS = 60;
const PLAIN: FeedOptions = { dropouts: [], dropout: 0, modalityDropout: 0, views: 0, texts: 'joined' };

let generated: GeneratedTrainingSet;
let trainingSet: TrainingSet;
before(async () => {
  generated = await generateTrainingSet({ views: VIEWS });
  trainingSet = await TrainingSet.open(generated.parts);
});
after(async () => {
  await trainingSet[Symbol.asyncDispose]();
  await generated.remove();
});

const pages = () => [12, 3, 17].map((page) => trainingSet.pages[page]!);
const feed = async (options: Partial<FeedOptions>, step: number) =>
  batchFeeds(trainingSet, pages(), { ...PLAIN, ...options }, [1, step]);
const rowsOf = (values: Float32Array, width: number) =>
  Array.from({ length: values.length / width }, (_, row) => [...values.subarray(row * width, (row + 1) * width)]);
const inputRows = async (options: Partial<FeedOptions>, step: number, column: string, width: number) =>
  rowsOf((await feed(options, step))[columnInput(column)]!.data as Float32Array, width);
const readRows = async (column: string, width: number) =>
  rowsOf(new Float32Array((await trainingSet.read(pages(), [column])).get(column)!.bytes.buffer), width);

/** Of each row and step, which candidate is fed: -1 is what the panel has, else the index of an element. */
async function findDrawn(options: Partial<FeedOptions>, column: string, source: string, count: number, width: number) {
  const [kept, elements] = [await readRows(column, width), await readRows(source, width)];
  const drawn: number[][] = [];
  for (let step = 0; step < STEPS; step++) {
    const fed = await inputRows(options, step, column, width);
    drawn.push(
      fed.map((row, i) => {
        const candidates = [kept[i]!, ...elements.slice(i * count, (i + 1) * count)];
        const found = candidates.findIndex((candidate) => String(candidate) === String(row));
        assert.notEqual(found, -1, `row ${i} is one of the panel's own`);
        return found - 1;
      }),
    );
  }
  return drawn;
}

describe('the inputs of a step', () => {
  it('are a drawn view of each panel, the same of all backbones, and what the panel has as often as any', async () => {
    const [first, second] = await Promise.all(
      BACKBONES.map(({ name, features }) =>
        findDrawn({ views: VIEWS }, visionColumn(name), viewsColumn(name), VIEWS, features),
      ),
    );
    assert.deepEqual(first, second);
    const counts = Map.groupBy(first!.flat(), (view) => view);
    const total = first!.flat().length;
    assert.deepEqual([...counts.keys()].sort(), [-1, 0, 1, 2]);
    for (const [view, drawn] of counts) {
      assert.ok(Math.abs(drawn.length / total - 1 / (VIEWS + 1)) < 0.06, `view ${view}: ${drawn.length} of ${total}`);
    }
    assert.ok(new Set(first!.map((step) => step.join())).size > STEPS / 2, 'steps differ');
  });

  it('are a drawn text of panels that have both kinds, and the joined one of others', async () => {
    const drawn = await findDrawn({ texts: 'drawn' }, COLUMNS.text, COLUMNS.separateTexts, 2, TEXT_FEATURES);
    const kinds = await readRows(COLUMNS.textKinds, 2);
    assert.ok(kinds.some(([, lettering]) => lettering === 1) && kinds.some(([, lettering]) => lettering === 0));
    for (const [row, [description, lettering]] of kinds.entries()) {
      const values = new Set(drawn.map((step) => step[row]!));
      assert.deepEqual([...values].sort(), description === 1 && lettering === 1 ? [-1, 0, 1] : [-1]);
    }
  });

  it('are the same whenever the step is repeated, and those of the training set where nothing is drawn', async () => {
    const options = { views: VIEWS, texts: 'drawn' } as const;
    assert.deepEqual(await feed(options, 5), await feed(options, 5));
    for (const { name, features } of BACKBONES) {
      assert.deepEqual(
        await inputRows({}, 5, visionColumn(name), features),
        await readRows(visionColumn(name), features),
      );
    }
    const names = Object.keys(await feed(options, 5));
    assert.deepEqual(names, Object.keys(await feed({}, 5)), 'what may be drawn is no input itself');
  });

  it('need the views', async () => {
    await assert.rejects(feed({ views: VIEWS + 5 }, 1), /"views\/siglip" has 3 elements/);
  });
});
