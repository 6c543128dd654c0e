import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ContenderResult } from '../../src/evaluation/evaluation-result.ts';
import { HEADLINE_MEASURES, measureLabel } from '../../src/evaluation/headline-measures.ts';
import { makeEvaluationResult } from '../support/evaluation-result.ts';

const [ours] = makeEvaluationResult().contenders as [ContenderResult];

/** The value at a dotted path; an element of a list of clusterings is named by its choice. */
function readPath(contender: ContenderResult, name: string): unknown {
  return name.split('.').reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return value.find(({ choice }) => choice === key);
    return (value as Record<string, unknown>)[key];
  }, contender);
}

describe('the headline measures', () => {
  it('are named after their place in the result', () => {
    for (const { name, read } of HEADLINE_MEASURES) {
      assert.ok(read(ours) !== undefined, name);
      assert.equal(read(ours), readPath(ours, name), name);
    }
    assert.equal(new Set(HEADLINE_MEASURES.map(({ name }) => name)).size, HEADLINE_MEASURES.length);
  });

  it('are left out with the reason where their group is', () => {
    const reason = { left_out: 'too few panels' };
    const contender: ContenderResult = { ...ours, neighbours: reason, clustering: { stored: reason, picture: reason } };
    const leftOut = HEADLINE_MEASURES.filter(({ read }) => read(contender) === reason).map(({ group }) => group);
    assert.deepEqual(new Set(leftOut), new Set(['Neighbours', 'Clustering']));
  });

  it('have labels for people, and unknown names stay as they are', () => {
    assert.equal(
      measureLabel('retrieval.words_to_pictures.recall_at_5'),
      'Retrieval: description → pictures, recall@5',
    );
    assert.equal(measureLabel('gate.text'), 'gate.text');
  });
});
