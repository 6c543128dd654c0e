import assert from 'node:assert/strict';
import { it } from 'node:test';
import { pino } from 'pino';
import { readModel } from '../../src/model/model.ts';
import { startRoot, traceFields } from '../../src/tracing/tracing.ts';
import { traceInMemory } from '../support/memory-tracing.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { textItem, withPool } from '../support/with-pool.ts';

const spans = traceInMemory();

it('logs in no trace that an engine hangs, whichever request its batch began with', async () => {
  const tiny = await makeTinyModel();
  const lines: Record<string, unknown>[] = [];
  const log = pino({ mixin: traceFields }, { write: (line) => lines.push(JSON.parse(line)) });
  await withPool(
    await readModel(tiny.folder),
    async (pool) => {
      const pid = pool.engines[0]?.pid;
      assert.ok(pid);
      process.kill(pid, 'SIGSTOP');
      const root = startRoot({ name: 'root', role: 'server', parent: undefined, attributes: {} });
      await root?.run(() => pool.run(textItem(3)));
      root?.end();
    },
    { log, batchTimeoutMs: 3000 },
  );
  await tiny.remove();
  const killed = lines.find(({ msg }) => msg === 'the engine did not respond in time and is killed');
  assert.ok(killed);
  assert.equal(killed['trace_id'], undefined);
  const names = spans().map(({ name, parentSpanContext }) => [name, parentSpanContext !== undefined]);
  assert.deepEqual(names.at(-1), ['root', false]);
  // The batch that was lost, and the next one
  assert.deepEqual(
    names.slice(0, -1),
    Array(2)
      .fill([
        ['queue', true],
        ['engine batch', true],
      ])
      .flat(),
  );
});
