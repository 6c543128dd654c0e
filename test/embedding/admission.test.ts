import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Admission } from '../../src/embedding/admission.ts';

it('admits what fits, refuses what does not, and admits again what was released', () => {
  const admission = new Admission(4, 'panels');
  const release = admission.reserve(3);
  assert.throws(() => admission.reserve(2), {
    code: 'queue_full',
    retryAfterSeconds: 1,
    message: /3 panels .* limit is 4/,
  });
  admission.reserve(1)();
  release();
  assert.equal(admission.inFlight, 0);
  admission.reserve(4);
  assert.throws(() => admission.assertNotFull(), { code: 'queue_full' });
});

it('admits more than the whole limit when nothing else is in progress', () => {
  const admission = new Admission(4, 'panels');
  const release = admission.reserve(9);
  assert.throws(() => admission.reserve(1), { code: 'queue_full' });
  release();
  admission.reserve(1);
});
