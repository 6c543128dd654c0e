import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { useCollectionService } from '../../support/collection-service.ts';
import { type CommandResult, runPanelvec } from '../../support/run-panelvec.ts';

const service = useCollectionService();
const panelvec = (...args: string[]): Promise<CommandResult> =>
  runPanelvec(args, { PORT: new URL(service.address).port });

describe('panelvec collections', () => {
  before(async () => {
    await service.fill('old', [{ canonicalId: 'book/1', texts: ['a'] }], 'another space');
    await service.fill('comics', [
      { canonicalId: 'book/1', texts: ['a', null] },
      { canonicalId: 'book/2', texts: ['b'] },
    ]);
  });

  it('lists collections, a line each, and says which cannot be searched', async () => {
    const { code, stdout, stderr } = await panelvec('collections', 'list');
    assert.equal(code, 0, stderr);
    const [comics, old, end] = stdout.split('\n');
    assert.match(comics ?? '', /^comics {2}tiny@1 {2}\w+ {2}2 pages {2}3 panels {2}20\d\d-[\d-]+T[\d:.]+Z$/);
    assert.match(old ?? '', /^old {2}tiny@1 {2}another space {2}1 pages {2}1 panels .* no served model has its space$/);
    assert.equal(end, '');
  });

  it('shows a collection as JSON', async () => {
    const { stdout } = await panelvec('collections', 'show', 'comics');
    assert.equal(JSON.parse(stdout).panels, 3);
  });

  it('deletes a collection once', async () => {
    assert.equal((await panelvec('collections', 'delete', 'old')).stdout, 'deleted old\n');
    const { code, stderr } = await panelvec('collections', 'delete', 'old');
    assert.equal(code, 1);
    assert.match(stderr, /there is no collection "old"/);
  });
});
