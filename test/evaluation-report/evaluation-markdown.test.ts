import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ContenderResult, LeftOut } from '../../src/evaluation/evaluation-result.ts';
import { evaluationMarkdown } from '../../src/evaluation-report/evaluation-markdown.ts';
import { estimate, makeEvaluationResult } from '../support/evaluation-result.ts';

const RESULT = makeEvaluationResult();
/** The tables of a text: rows of cells, without the line below their header. */
const findTables = (markdown: string) =>
  markdown
    .split('\n\n')
    .filter((block) => block.startsWith('|'))
    .map((block) =>
      block
        .trim()
        .split('\n')
        .filter((line) => !line.startsWith('|---'))
        .map((line) => line.slice(2, -2).split(' | ')),
    );

describe('an evaluation as Markdown', () => {
  it('has the headline measures of all contenders with their intervals', () => {
    const [measures] = findTables(evaluationMarkdown(RESULT));
    assert.deepEqual(measures![0]!.slice(1, 3), ['ours (trained here)', 'v1 (first version)']);
    const row = measures!.find(([label]) => label === 'nearest panel is of the same page ↑')!;
    assert.deepEqual(row.slice(1), [
      '0.320 [0.270, 0.370]',
      '0.040 [-0.010, 0.090]',
      '0.160 [0.110, 0.210]',
      '0.240 [0.190, 0.290]',
    ]);
    assert.ok(measures!.every((cells) => cells.length === 5));
  });

  it('has a dash for what one contender lacks, and leaves out what all lack', () => {
    const reason: LeftOut = { left_out: 'too few' };
    const change = (contender: ContenderResult, i: number): ContenderResult => ({
      ...contender,
      neighbours: i === 1 ? reason : contender.neighbours,
      clustering: { stored: reason, picture: reason },
    });
    const [measures] = findTables(evaluationMarkdown({ ...RESULT, contenders: RESULT.contenders.map(change) }));
    assert.equal(measures!.find(([label]) => label!.startsWith('nearest panel is of the same page'))![2], '–');
    assert.ok(measures!.every(([label]) => !label!.includes('NMI')));
  });

  it('says whether claims are reached, and whether that may be chance', () => {
    const verdicts = (value: number, measured: number | null) => {
      const claims = RESULT.claims.slice(0, 1).map((claim) => ({ ...claim, measured }));
      const comparisons = RESULT.comparisons.map((comparison) => ({ ...comparison, difference: estimate(value) }));
      return findTables(evaluationMarkdown({ ...RESULT, claims, comparisons }))[1]![1]!.slice(3);
    };
    assert.deepEqual(verdicts(0.2, 0.45), ['+30 %', '+45 %', 'reached']);
    assert.deepEqual(verdicts(0.02, 0.45), ['+30 %', '+45 %', 'reached, but it may be chance']);
    assert.deepEqual(verdicts(0.2, 0.29), ['+30 %', '+29 %', 'not reached']);
    assert.deepEqual(verdicts(0.2, null), ['+30 %', '–', 'not measured: unknown']);
  });

  it('keeps names and notes as plain text', () => {
    const contenders = RESULT.contenders.map((contender) => ({ ...contender, name: 'a|b_c' }));
    const markdown = evaluationMarkdown({ ...RESULT, contenders, notes: ['<b>x</b>\n# y *z* [a](b)'] });
    assert.ok(markdown.includes('a\\|b\\_c (trained here)'));
    assert.ok(markdown.includes('- \\<b\\>x\\</b\\> \\# y \\*z\\* [a]\\(b)'));
    assert.doesNotMatch(markdown, /^#/m);
  });
});
