import assert from 'node:assert/strict';
import { it } from 'node:test';
import { getAtPath, setAtPath } from '../../../../../src/web/views/jobs/submit/spec-path.ts';

it('a value is set at its path, and removed with the objects that are empty then', () => {
  const spec = setAtPath({ type: 'embed', dataset: {} }, ['dataset', 'panels', 'root'], 'vlm');
  assert.deepEqual(spec, { type: 'embed', dataset: { panels: { root: 'vlm' } } });
  assert.equal(getAtPath(spec, ['dataset', 'panels', 'root']), 'vlm');
  assert.equal(getAtPath(spec, ['dataset', 'panels', 'root', 'x']), undefined);
  const more = setAtPath(spec, ['dataset', 'limit'], 3);
  assert.deepEqual(setAtPath(more, ['dataset', 'panels', 'root'], undefined), { type: 'embed', dataset: { limit: 3 } });
  // An object at the top may be needed.
  assert.deepEqual(setAtPath(spec, ['dataset', 'panels', 'root'], undefined), { type: 'embed', dataset: {} });
});
