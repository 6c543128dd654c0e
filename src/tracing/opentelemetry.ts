/** The part of the room that loads the packages of OpenTelemetry. They read the rest of the OTEL_ variables themselves. */
import * as api from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { setGlobalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Logger } from 'pino';
import { firstLine } from '../errors.ts';
import { withinTime } from '../util/within-time.ts';
import { VERSION } from '../version.ts';
import type { StopTracing } from './start-tracing.ts';
import { setTracer } from './tracing.ts';

/** A collector that is away must not delay the end of a process. */
const FLUSH_TIMEOUT_MS = 2000;
/** A collector that is away is told about once in this time. */
const WARNING_INTERVAL_MS = 60_000;

/** Sends spans to a collector until the returned function is called. */
export function startOpenTelemetry(url: string, serviceName: string, log: Logger): StopTracing {
  logProblems(url, log);
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': serviceName, 'service.version': VERSION }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url }))],
  });
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  api.propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  setTracer({ api, tracer: provider.getTracer('panelvec', VERSION) });
  log.info({ url: withoutCredentials(url) }, 'traces are sent');
  return async () => {
    setTracer(undefined);
    try {
      await withinTime(provider.shutdown(), FLUSH_TIMEOUT_MS);
      return true;
    } catch (error) {
      log.warn(`the last traces were not sent: ${firstLine(error)}`);
      return false;
    } finally {
      api.context.disable();
      api.propagation.disable();
      api.diag.disable();
    }
  };
}

/** Logs what the packages have to say about their settings, and, now and then, that spans were lost. */
function logProblems(url: string, log: Logger): void {
  const warn = (message: string) => log.warn(`OpenTelemetry: ${message}`);
  const ignore = () => {};
  api.diag.setLogger({ error: warn, warn, info: ignore, debug: ignore, verbose: ignore }, api.DiagLogLevel.WARN);
  let warnedAt = Number.NEGATIVE_INFINITY;
  setGlobalErrorHandler((error) => {
    if (performance.now() - warnedAt < WARNING_INTERVAL_MS) return;
    warnedAt = performance.now();
    const reason = typeof error === 'string' ? error : error.message;
    log.warn({ url: withoutCredentials(url) }, `traces were not taken, and are lost: ${reason}`);
  });
}

function withoutCredentials(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
