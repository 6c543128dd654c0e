import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { EvaluationResult } from '../../src/evaluation/evaluation-result.ts';
import { type MeasurePlan, measureEvaluation } from '../../src/evaluation/measure-evaluation.ts';
import { pictureColumn } from '../../src/evaluation/vectors/view-columns.ts';
import { floatColumn } from '../../src/jobs/train/page-rows.ts';
import { writeTrainingPart } from '../../src/training/data/training-part-file.ts';
import { seeded } from '../support/numeric.ts';

/** Features are read in blocks of 64 pages. */
const PAGES = 150;
const FEATURES = 64;

describe('an evaluation of many pages', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'panelvec-measure-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('compares the pictures of all of them', async () => {
    const random = seeded(11);
    const pictures = Array.from({ length: PAGES }, () => Float32Array.from({ length: FEATURES }, () => random() - 0.5));
    // The last page prints a picture of the first again.
    const [first] = pictures;
    pictures[PAGES - 1] = first!;
    const ids = pictures.map((_, i) => `book/page_${String(i).padStart(3, '0')}`);
    const pages = ids.map((id) => ({ id, book: 'book', rows: 1, texts: 0, validation: false }));
    const file = path.join(folder, 'views.safetensors');
    await writeTrainingPart(file, pages, new Map([[pictureColumn('picture', 'drawn'), floatColumn(pictures)]]));
    const { dataset } = await measure(ids, file);
    assert.equal(dataset.near_duplicates, 1);
  });

  async function measure(ids: readonly string[], file: string): Promise<EvaluationResult> {
    const panels = ids.map((page) => ({
      id: `${page}#0`,
      book: 'book',
      page,
      page_type: null,
      aspect: 1,
      area: 1,
      panelCount: 1,
      description: null,
    }));
    const plan: MeasurePlan = {
      panels,
      galleries: [[...panels.keys()]],
      viewFiles: [file],
      contenders: [],
      facts: {
        created_at: '2026-01-01T00:00:00.000Z',
        dataset: {
          books: 1,
          pages: ids.length,
          panels: ids.length,
          panels_with_lettering: 0,
          panels_with_description: 0,
          bad_pages: 0,
        },
        split: { kind: 'none', folds: [] },
        notes: [],
      },
      seed: 42,
      output: path.join(folder, 'evaluation.json'),
    };
    await measureEvaluation(plan);
    return JSON.parse(await readFile(plan.output, 'utf8'));
  }
});
