import { after, before, beforeEach } from 'node:test';
import * as api from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { setTracer } from '../../src/tracing/tracing.ts';

/** Turns tracing on for the tests of a file or a suite. Returns what gives the spans that have ended in the current test. */
export function traceInMemory(): () => readonly ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  before(() => {
    api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    api.propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  });
  beforeEach(() => {
    exporter.reset();
    setTracer({ api, tracer: provider.getTracer('test') });
  });
  after(async () => {
    setTracer(undefined);
    api.context.disable();
    api.propagation.disable();
    await provider.shutdown();
  });
  return () => exporter.getFinishedSpans();
}
