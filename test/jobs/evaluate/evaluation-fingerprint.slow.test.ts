import assert from 'node:assert/strict';
import { readdir, utimes } from 'node:fs/promises';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { toMeasures } from '../../../src/jobs/evaluate/evaluation-records.ts';
import { assertNoWorse } from '../../../src/model-registry/evaluation-gate.ts';
import { type EvaluationBench, openEvaluationBench } from '../../support/evaluate-jobs.ts';

let bench: EvaluationBench;
before(async () => {
  bench = await openEvaluationBench(12);
});
after(() => bench[Symbol.asyncDispose]());

it('is equal for evaluations of the same pages, files and settings, and for no others', async () => {
  const fields = { models: ['tiny'] };
  const result = await bench.evaluate('first', fields);
  const { fingerprint } = result;
  assert.match(fingerprint ?? '', /^[0-9a-f]{64}$/);
  assert.equal((await bench.evaluate('again', fields)).fingerprint, fingerprint);
  assert.notEqual((await bench.evaluate('seed', { ...fields, seed: 7 })).fingerprint, fingerprint);
  const dataset = { ...bench.corpus.dataset, limit: 9 };
  assert.notEqual((await bench.evaluate('fewer', { ...fields, dataset })).fingerprint, fingerprint);

  const { models } = toMeasures('first', result);
  const measures = models.map((model) => ({ evaluation: 'first', fingerprint: fingerprint ?? null, ...model }));
  assert.equal(models[0]?.id, 'tiny@1');
  assertNoWorse({ id: 'tiny@1', measures }, { id: 'other@1', measures }, { evaluation: 'first', margins: {} });

  const files = await readdir(bench.corpus.folder, { recursive: true, withFileTypes: true });
  const image = files.find(({ name }) => /\.(png|jpg)$/.test(name));
  assert.ok(image);
  await utimes(path.join(image.parentPath, image.name), new Date(0), new Date(0));
  assert.notEqual((await bench.evaluate('touched', fields)).fingerprint, fingerprint);
});
