import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { EvaluationResult } from '../../src/evaluation/evaluation-result.ts';
import { toMeasures } from '../../src/jobs/evaluate/evaluation-records.ts';
import { assertNoWorse, type MeasuredModel } from '../../src/model-registry/evaluation-gate.ts';
import { type GeneratedContender, makeEvaluationResult } from '../support/evaluation-result.ts';

const E1 = 'evaluation 1';
const E2 = 'evaluation 2';
const good: GeneratedContender = { name: 'good@1', kind: 'model', skill: 0.8 };
const bad: GeneratedContender = { name: 'bad@1', kind: 'model', skill: 0.2 };

/** A model with what the evaluations measured of it. */
function measured(id: string, evaluations: Readonly<Record<string, EvaluationResult>>): MeasuredModel {
  const measures = Object.entries(evaluations).flatMap(([evaluation, result]) => {
    const { fingerprint, models } = toMeasures(evaluation, result);
    return models.flatMap((model) => (model.id === id ? [{ evaluation, fingerprint, measures: model.measures }] : []));
  });
  return { id, measures };
}

const both = makeEvaluationResult({}, [good, bad]);
const goodModel = measured('good@1', { [E1]: both });
const badModel = measured('bad@1', { [E1]: both });
const requirement = { evaluation: E1, margins: {} };

it('lets a better model pass, and refuses a worse one by naming every measure with both values and the margin', () => {
  assertNoWorse(goodModel, badModel, requirement);
  assert.throws(
    () => assertNoWorse(badModel, goodModel, requirement),
    (error: Error & { code: string }) => {
      assert.equal(error.code, 'evaluation_worse');
      assert.match(error.message, /^bad@1 is worse than good@1: /);
      const problem = /retrieval\.snapshot_to_stored\.recall_at_1 is 0\.\d{4} against 0\.\d{4}, margin 0\.02/;
      assert.match(error.message, problem);
      const names = error.message.match(/retrieval\.\w+\.recall_at_\d/g);
      assert.equal(names?.length, 7);
      assert.doesNotMatch(error.message, /leakage|clustering/);
      return true;
    },
  );
});

it('compares what margins name too, and allows as much as they say', () => {
  const wide = Object.fromEntries(
    Object.keys(goodModel.measures[0]?.measures ?? {})
      .filter((name) => name.startsWith('retrieval.'))
      .map((name) => [name, 1]),
  );
  assertNoWorse(badModel, goodModel, { evaluation: E1, margins: wide });
  // Lower is better.
  assert.throws(
    () => assertNoWorse(badModel, goodModel, { evaluation: E1, margins: { ...wide, 'leakage.stored.aspect': 0.4 } }),
    { code: 'evaluation_worse', message: /leakage\.stored\.aspect is 0\.6400 against 0\.1600, margin 0\.4 \(lower/ },
  );
  assertNoWorse(badModel, goodModel, { evaluation: E1, margins: { ...wide, 'leakage.stored.aspect': 0.48 } });
  assertNoWorse(goodModel, badModel, { evaluation: E1, margins: { 'leakage.stored.aspect': 0 } });
  assert.throws(() => assertNoWorse(goodModel, badModel, { evaluation: E1, margins: { 'retrieval.nothing': 0 } }), {
    code: 'invalid_request',
    param: 'require.margins.retrieval.nothing',
  });
});

it('compares evaluations of their own if their fingerprints are equal', () => {
  const first = makeEvaluationResult({ fingerprint: 'a' }, [good]);
  const second = makeEvaluationResult({ fingerprint: 'a' }, [bad]);
  const other = makeEvaluationResult({ fingerprint: 'b' }, [bad]);
  const candidate = measured('good@1', { [E1]: first });
  assertNoWorse(candidate, measured('bad@1', { [E2]: second }), requirement);
  assert.throws(() => assertNoWorse(measured('bad@1', { [E2]: second }), candidate, { evaluation: E2, margins: {} }), {
    code: 'evaluation_worse',
    message: /good@1, which the evaluation evaluation 1 measured/,
  });
  assert.throws(() => assertNoWorse(candidate, measured('bad@1', { [E2]: other }), requirement), {
    code: 'evaluation_mismatch',
    message: /did not measure bad@1, and no other with the fingerprint a did; it was measured by evaluation 2 \(b\)/,
  });
});

it('compares nothing that was measured by no evaluation, or by evaluations without a fingerprint', () => {
  const first = makeEvaluationResult({}, [good]);
  const second = makeEvaluationResult({}, [bad]);
  const candidate = measured('good@1', { [E1]: first });
  const mismatch = { code: 'evaluation_mismatch', param: 'require.evaluation' };
  assert.throws(() => assertNoWorse(candidate, measured('bad@1', { [E2]: second }), requirement), mismatch);
  assert.throws(() => assertNoWorse(candidate, { id: 'none@1', measures: [] }, requirement), mismatch);
  assert.throws(() => assertNoWorse(candidate, candidate, { evaluation: E2, margins: {} }), mismatch);
  assertNoWorse(candidate, candidate, requirement);
});

it('refuses a model of which a measure is left out that the other has', () => {
  const name = 'retrieval.snapshot_to_stored.recall_at_1';
  const [ofGood] = goodModel.measures;
  assert.ok(ofGood);
  const leftOut = {
    ...goodModel,
    measures: [{ ...ofGood, measures: { ...ofGood.measures, [name]: { left_out: 'no pictures' } } }],
  };
  assert.throws(() => assertNoWorse(leftOut, badModel, requirement), {
    code: 'evaluation_worse',
    message: new RegExp(`${name} was not measured \\(no pictures\\) against`),
  });
  assertNoWorse({ ...goodModel, id: 'new@1' }, leftOut, requirement);
  assert.throws(
    () => assertNoWorse({ ...goodModel, id: 'new@1' }, leftOut, { evaluation: E1, margins: { [name]: 0 } }),
    { code: 'evaluation_mismatch', message: /no pictures/ },
  );
});
