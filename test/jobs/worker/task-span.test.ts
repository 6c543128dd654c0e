import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as api from '@opentelemetry/api';
import { PanelvecError } from '../../../src/errors.ts';
import { withTaskSpan } from '../../../src/jobs/worker/task-span.ts';
import { traceInMemory } from '../../support/memory-tracing.ts';

const spans = traceInMemory();

it('marks the span of a task as failed where running it throws', async () => {
  const task = { id: 't', jobId: 'j', step: 'part', part: 0 } as const;
  const error = new PanelvecError('database_unavailable', 'the database is away');
  const run = () => Promise.reject(error);
  await assert.rejects(withTaskSpan(task, { type: 'embed', traceHeaders: null }, run), error);
  const [span] = spans();
  assert.deepEqual(
    [span?.attributes['error.type'], span?.status.code],
    ['database_unavailable', api.SpanStatusCode.ERROR],
  );
});
