import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { drawPngPanel } from '../../support/images.ts';
import { panelvec, tiny } from '../tiny-command-line.ts';

describe('panelvec zero-shot', () => {
  before(async () => {
    for (const number of [1, 2]) await writeFile(path.join(tiny.home, `${number}.png`), await drawPngPanel(number));
  });

  it('writes a JSON line with the scores of all labels for each image', async () => {
    const outcome = await panelvec('zero-shot', '1.png', '2.png', '--label', 'a cat', '2 dogs', '--template', 'see {}');
    assert.equal(outcome.code, 0, outcome.stderr);
    const lines = outcome.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map(({ file, model }) => [file, model]),
      [
        ['1.png', 'tiny@1'],
        ['2.png', 'tiny@1'],
      ],
    );
    for (const { label, scores, cosines } of lines) {
      assert.deepEqual(
        [Object.keys(scores), Object.keys(cosines)],
        [
          ['a cat', '2 dogs'],
          ['a cat', '2 dogs'],
        ],
      );
      assert.equal(scores[label], Math.max(...(Object.values(scores) as number[])));
    }
    assert.match(outcome.stderr, /label "2 dogs": the vocabulary lacks 1 of its tokens/);
  });

  it('refuses an unknown label, a template without a place, and no labels', async () => {
    for (const [flags, problem] of [
      [['--label', '猫', '--template', 'see {}'], /--label "猫": the model's vocabulary has no word of this label/],
      [['--label', 'a cat', '--template', 'see'], /--template "see": expected a text with one \{\}/],
      [[], /required option '--label/],
    ] as const) {
      const { code, stderr, stdout } = await panelvec('zero-shot', '1.png', ...flags);
      assert.notEqual(code, 0);
      assert.equal(stdout, '');
      assert.match(stderr, problem);
    }
  });
});
