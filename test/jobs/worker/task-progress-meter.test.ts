import assert from 'node:assert/strict';
import { it } from 'node:test';
import { TaskProgressMeter } from '../../../src/jobs/worker/task-progress-meter.ts';

it('returns what was recorded last, and no other fields', () => {
  const meter = new TaskProgressMeter();
  assert.deepEqual(Object.keys(meter.read()), ['done', 'rate']);
  meter.record(1, 10, { loss: 0.5 });
  meter.record(2, 10, { loss: 0.25 });
  const { rate, ...rest } = meter.read();
  assert.deepEqual(rest, { done: 2, total: 10, detail: { loss: 0.25 } });
  assert.ok(rate > 0);
});
