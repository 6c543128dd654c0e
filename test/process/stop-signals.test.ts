import assert from 'node:assert/strict';
import { it } from 'node:test';
import { stopSignals } from '../../src/process/stop-signals.ts';

it('are those that the console of Windows raises, and only these two elsewhere', () => {
  assert.deepEqual(stopSignals('win32'), ['SIGTERM', 'SIGINT', 'SIGBREAK', 'SIGHUP']);
  assert.deepEqual(stopSignals('linux'), ['SIGTERM', 'SIGINT']);
});
