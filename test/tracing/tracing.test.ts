import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as api from '@opentelemetry/api';
import { PanelvecError } from '../../src/errors.ts';
import {
  activeTrace,
  failActiveSpan,
  type PastSpan,
  type RootSpan,
  recordPast,
  setTracer,
  startRoot,
  traceFields,
  traceHeaders,
  withoutSpan,
  withSpan,
} from '../../src/tracing/tracing.ts';
import { traceInMemory } from '../support/memory-tracing.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SAMPLED = `00-${TRACE_ID}-b7ad6b7169203331-01`;
const UNSAMPLED = `00-${TRACE_ID}-b7ad6b7169203331-00`;

const spans = traceInMemory();

function start(traceparent?: string): RootSpan {
  const parent = traceparent === undefined ? undefined : { traceparent };
  const root = startRoot({ name: 'root', role: 'server', parent, attributes: {} });
  assert.ok(root);
  return root;
}

function pastSpan(): PastSpan {
  return { name: 'past', startTime: performance.now() - 5, endTime: performance.now(), attributes: {} };
}

it('makes a tree below the span of the caller', async () => {
  const root = start(SAMPLED);
  await root.run(() => withSpan('outer', { a: 1 }, () => withSpan('inner', {}, async () => {})));
  root.end();
  const [inner, outer, top] = spans();
  assert.deepEqual([inner?.name, outer?.name, top?.name], ['inner', 'outer', 'root']);
  assert.equal(top?.parentSpanContext?.spanId, 'b7ad6b7169203331');
  assert.equal(outer?.parentSpanContext?.spanId, top?.spanContext().spanId);
  assert.equal(inner?.parentSpanContext?.spanId, outer?.spanContext().spanId);
  assert.ok(spans().every((span) => span.spanContext().traceId === TRACE_ID));
});

it('begins a trace where the header of the caller is damaged', () => {
  start('00-zero-b7-01').end();
  assert.equal(spans()[0]?.parentSpanContext, undefined);
});

it('makes no spans below an unsampled caller, but passes its trace on and logs it', async () => {
  const root = start(UNSAMPLED);
  await root.run(async () => {
    await withSpan('child', {}, async () => assert.equal(activeTrace(), undefined));
    assert.match(traceHeaders()?.['traceparent'] ?? '', new RegExp(`^00-${TRACE_ID}-[0-9a-f]{16}-00$`));
    assert.equal(traceFields().trace_id, TRACE_ID);
  });
  root.end();
  assert.deepEqual(spans(), []);
});

it('tells the type of an error, and nothing of its message', async () => {
  const root = start();
  const fail = async () => {
    throw new PanelvecError('invalid_request', 'the text "my secret" is bad');
  };
  await assert.rejects(root.run(() => withSpan('child', {}, fail)));
  root.run(() => failActiveSpan(new RangeError('my secret')));
  root.end();
  const [child, top] = spans();
  assert.deepEqual(
    [child?.attributes['error.type'], child?.status.code],
    ['invalid_request', api.SpanStatusCode.ERROR],
  );
  assert.deepEqual([top?.attributes['error.type'], top?.status.code], ['RangeError', api.SpanStatusCode.ERROR]);
  assert.doesNotMatch(
    JSON.stringify(spans().map(({ attributes, status, events }) => [attributes, status, events])),
    /secret/,
  );
});

it('has nothing below a root that has ended, although timers that it began run on', async () => {
  const root = start();
  const later = Promise.withResolvers<void>();
  const afterEnd = root.run(async () => {
    await later.promise;
    assert.deepEqual(traceFields(), {});
    await withSpan('late', {}, async () => {});
  });
  root.end();
  later.resolve();
  await afterEnd;
  assert.deepEqual(
    spans().map(({ name }) => name),
    ['root'],
  );
});

it('has nothing below a root in what runs outside of it', async () => {
  const root = start();
  await root.run(() => withoutSpan(() => withSpan('outside', {}, async () => assert.deepEqual(traceFields(), {}))));
  root.end();
  assert.equal(spans().length, 1);
});

it('records nothing below a root that has ended', () => {
  const root = start();
  const trace = root.run(activeTrace);
  assert.ok(trace);
  root.end();
  recordPast(trace, pastSpan());
  assert.equal(spans().length, 1);
});

it('says nothing of spans that were left out where the last one still fitted', async () => {
  const root = start();
  await root.run(async () => {
    for (let i = 0; i < 256; i++) await withSpan('child', {}, async () => {});
  });
  root.end();
  assert.equal(spans().length, 257);
  assert.equal(spans().at(-1)?.attributes['panelvec.spans_left_out'], undefined);
});

it('bounds the spans below one root, and says so', async () => {
  const root = start();
  await root.run(async () => {
    const trace = activeTrace();
    assert.ok(trace);
    for (let i = 0; i < 200; i++) await withSpan('child', {}, async () => {});
    for (let i = 0; i < 200; i++) recordPast(trace, pastSpan());
  });
  root.end();
  assert.equal(spans().length, 257);
  assert.equal(spans().at(-1)?.attributes['panelvec.spans_left_out'], true);
});

it('runs operations as they are while it is off', async () => {
  setTracer(undefined);
  assert.equal(startRoot({ name: 'root', role: 'server', parent: undefined, attributes: {} }), undefined);
  const promise = Promise.resolve(7);
  assert.equal(
    withSpan('child', {}, () => promise),
    promise,
  );
  assert.deepEqual([traceHeaders(), traceFields(), activeTrace()], [undefined, {}, undefined]);
  assert.deepEqual(spans(), []);
});
