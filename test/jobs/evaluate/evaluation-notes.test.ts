import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { PlannedPanel } from '../../../src/evaluation/measure-evaluation.ts';
import type { ModelContender } from '../../../src/jobs/evaluate/contenders.ts';
import { evaluateSpecSchema } from '../../../src/jobs/evaluate/evaluate-spec.ts';
import { evaluationNotes } from '../../../src/jobs/evaluate/evaluation-notes.ts';
import type { EvaluationSplit } from '../../../src/jobs/evaluate/evaluation-split.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'panelvec-notes-'));
});
after(() => rm(folder, { recursive: true, force: true }));

/** The notes of an evaluation of the books A and B, for a model with this training.json. */
async function notesFor(training: object | string): Promise<string[]> {
  const text = typeof training === 'string' ? training : JSON.stringify(training);
  await writeFile(path.join(folder, 'training.json'), text);
  const dataset = { manifest: '/data/manifest.csv', panels: { root: '/data/vlm' } };
  const request = evaluateSpecSchema.parse({ type: 'evaluate', output: 'worth', dataset });
  const spec = { ...request, trainings: [], baseline_model: null, baseline_epochs: 20 };
  const panels = ['A', 'A', 'B'].map((book) => ({ book }) as PlannedPanel);
  const split = { facts: { kind: 'none', folds: [] }, panels } as unknown as EvaluationSplit;
  const contender = { kind: 'model', model: { id: 'mine@1', folder } } as ModelContender;
  return evaluationNotes(spec, split, [contender]);
}

const inBooks = (...training: string[]) => ({ summary: { books: { training, validation: ['B'] } } });

describe('the notes of an evaluation', () => {
  it('name the books that a model was trained on', async () => {
    const [note, ...others] = await notesFor(inBooks('A', 'Z'));
    assert.match(note!, /mine@1 was trained on 1 of the books that are measured here \(A\)/);
    assert.deepEqual(others, []);
    assert.match((await notesFor({ episodes: { training: ['B'] } }))[0]!, /\(B\)/);
  });

  it('say nothing of a model that was trained on other books', async () => {
    assert.deepEqual(await notesFor(inBooks('Z')), []);
  });

  it('say that the list of pages is the same, if the books are not known', async () => {
    const trainedOn = (manifest: string) => ({ spec: { dataset: { manifest, pages: null } } });
    assert.match((await notesFor(trainedOn('/data/manifest.csv')))[0]!, /same list of pages/);
    assert.deepEqual(await notesFor(trainedOn('/other/manifest.csv')), []);
  });

  it('say that a training.json cannot be read', async () => {
    for (const damaged of ['{"spec": {', '[1]', '']) {
      assert.match((await notesFor(damaged))[0]!, /training\.json of mine@1 cannot be read/, damaged);
    }
  });
});
