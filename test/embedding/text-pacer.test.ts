import assert from 'node:assert/strict';
import { it, mock } from 'node:test';
import { TextPacer } from '../../src/embedding/text-pacer.ts';

it('lets a long list fill the engines where nothing else comes, and gives way to requests and the gaps between them', () => {
  const now = mock.method(performance, 'now', () => 1000);
  const pacer = new TextPacer(32, 2);
  assert.deepEqual([pacer.isLong(32), pacer.isLong(33)], [false, true]);
  assert.equal(pacer.maxTexts, 32);
  const endFirst = pacer.beginRequest();
  const endSecond = pacer.beginRequest();
  assert.equal(pacer.maxTexts, 4);
  endFirst();
  now.mock.mockImplementation(() => 5000);
  assert.equal(pacer.maxTexts, 4);
  endSecond();
  now.mock.mockImplementation(() => 5200);
  assert.equal(pacer.maxTexts, 4);
  now.mock.mockImplementation(() => 5251);
  assert.equal(pacer.maxTexts, 32);
  now.mock.restore();
});
