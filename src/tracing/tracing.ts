/**
 * Spans of OpenTelemetry, where tracing is on. Nothing of its packages is imported here but types: while it is off, every function does
 * nothing, and a lone request must not pay for it.
 */
import type { Attributes, Context, Span, SpanContext, SpanKind, SpanOptions, Tracer } from '@opentelemetry/api';
import { PanelvecError } from '../errors.ts';

export type TraceApi = typeof import('@opentelemetry/api');
/** Where a span is, in the headers of the W3C: `traceparent`, and `tracestate` where there is one. */
export type TraceHeaders = Readonly<Record<string, string>>;
/** What spans of work that goes on elsewhere are children of. */
export type TraceContext = Context;
export type SpanAttributes = Attributes;
type SpanRole = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** A request for a thousand panels, or a part of a job, must not send more than collectors like. */
const MAX_SPANS = 256;

/** What the spans below one root share. */
interface TraceScope {
  /** False once the root has ended: timers and connections that it began live longer, and belong to nobody. */
  isOpen: boolean;
  remainingSpans: number;
  /** Whether a span was refused because none remained */
  hasLeftOut: boolean;
}

interface Tracing {
  readonly api: TraceApi;
  readonly tracer: Tracer;
  readonly scopeKey: symbol;
}

let tracing: Tracing | undefined;

/** Turns spans on, or off again where there is no tracer. */
export function setTracer(use: { readonly api: TraceApi; readonly tracer: Tracer } | undefined): void {
  tracing = use && { ...use, scopeKey: use.api.createContextKey('panelvec scope') };
}

export function isTracing(): boolean {
  return tracing !== undefined;
}

export interface RootOptions {
  readonly name: string;
  readonly role: SpanRole;
  /** Headers of the caller; without a valid `traceparent` a new trace begins */
  readonly parent: TraceHeaders | undefined;
  readonly attributes: SpanAttributes;
}

/** The first span of this process for a request or a task. */
export interface RootSpan {
  /** Runs a function whose spans are below this one. */
  run<T>(operation: () => T): T;
  setAttributes(attributes: SpanAttributes): void;
  /** @param errorType what went wrong, if anything */
  end(errorType?: string): void;
}

/** Begins a root span. Undefined while tracing is off. */
export function startRoot({ name, role, parent, attributes }: RootOptions): RootSpan | undefined {
  if (tracing === undefined) return undefined;
  const { api, tracer, scopeKey } = tracing;
  const caller = api.propagation.extract(api.ROOT_CONTEXT, parent ?? {});
  const span = tracer.startSpan(name, { kind: kindOf(api, role), attributes }, caller);
  const scope: TraceScope = { isOpen: true, remainingSpans: MAX_SPANS, hasLeftOut: false };
  const context = api.trace.setSpan(caller, span).setValue(scopeKey, scope);
  return {
    run: (operation) => api.context.with(context, operation),
    setAttributes: (more) => span.setAttributes(more),
    end: (errorType) => {
      scope.isOpen = false;
      if (scope.hasLeftOut) span.setAttribute('panelvec.spans_left_out', true);
      if (errorType !== undefined) fail(api, span, errorType);
      span.end();
    },
  };
}

/**
 * Runs an operation as a span below the active one; without one that is sampled, it only runs.
 * @param run may add attributes
 */
export function withSpan<T>(
  name: string,
  attributes: SpanAttributes,
  run: (addAttributes: (attributes: SpanAttributes) => void) => Promise<T>,
  role: SpanRole = 'internal',
): Promise<T> {
  const parent = openContext();
  if (tracing === undefined || parent === undefined) return run(() => {});
  const { api } = tracing;
  const span = startChild(tracing, parent, name, { kind: kindOf(api, role), attributes });
  return api.context.with(api.trace.setSpan(parent, span), async () => {
    try {
      return await run((more) => span.setAttributes(more));
    } catch (error) {
      fail(api, span, errorTypeOf(error));
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Marks the active span as failed, for errors that are not thrown out of it. */
export function failActiveSpan(error: unknown): void {
  if (tracing === undefined) return;
  const span = tracing.api.trace.getActiveSpan();
  if (span?.isRecording()) fail(tracing.api, span, errorTypeOf(error));
}

/** Runs a function outside of the active span, for what must not be below it. */
export function withoutSpan<T>(run: () => T): T {
  if (tracing === undefined) return run();
  return tracing.api.context.with(tracing.api.ROOT_CONTEXT, run);
}

/** The active span as the parent of spans that are recorded later; undefined where none is sampled. */
export function activeTrace(): TraceContext | undefined {
  return openContext();
}

/** Which span a context stands for: the same for all work below one span. */
export function spanContextOf(context: TraceContext): SpanContext | undefined {
  return tracing?.api.trace.getSpanContext(context);
}

export interface PastSpan {
  readonly name: string;
  /** By `performance.now` */
  readonly startTime: number;
  readonly endTime: number;
  readonly attributes: SpanAttributes;
  readonly links?: readonly SpanContext[];
  readonly errorType?: string | undefined;
}

/** Records a span of what has happened, below a context whose root has not ended. */
export function recordPast(parent: TraceContext, { name, startTime, endTime, errorType, ...rest }: PastSpan): void {
  if (tracing === undefined || !canHaveChild(scopeOf(tracing, parent))) return;
  // Spans that are timed by the wall clock must fit around it.
  const offset = Date.now() - performance.now();
  const links = rest.links?.map((context) => ({ context })) ?? [];
  const options = { attributes: rest.attributes, startTime: startTime + offset, links };
  const span = startChild(tracing, parent, name, options);
  if (errorType !== undefined) fail(tracing.api, span, errorType);
  span.end(endTime + offset);
}

/** Headers that make what they are sent with a child of the active span; undefined where there is none. */
export function traceHeaders(): TraceHeaders | undefined {
  if (tracing === undefined || tracing.api.trace.getActiveSpan() === undefined) return undefined;
  const headers: Record<string, string> = {};
  tracing.api.propagation.inject(tracing.api.context.active(), headers);
  return headers;
}

/** The ids of the active span, for lines of a log. */
export function traceFields(): { readonly trace_id?: string; readonly span_id?: string } {
  if (tracing === undefined) return {};
  const context = tracing.api.context.active();
  const span = tracing.api.trace.getSpanContext(context);
  return span && scopeOf(tracing, context).isOpen ? { trace_id: span.traceId, span_id: span.spanId } : {};
}

/** The active context where a sampled span is in it whose root has not ended. */
function openContext(): Context | undefined {
  if (tracing === undefined) return undefined;
  const context = tracing.api.context.active();
  if (!tracing.api.trace.getSpan(context)?.isRecording()) return undefined;
  return canHaveChild(scopeOf(tracing, context)) ? context : undefined;
}

/** Whether one more span may be below a root. Where only their number forbids it, the root will say so. */
function canHaveChild(scope: TraceScope): boolean {
  if (scope.isOpen && scope.remainingSpans <= 0) scope.hasLeftOut = true;
  return scope.isOpen && scope.remainingSpans > 0;
}

const NO_SCOPE: TraceScope = { isOpen: false, remainingSpans: 0, hasLeftOut: false };

function scopeOf({ scopeKey }: Tracing, context: Context): TraceScope {
  return (context.getValue(scopeKey) as TraceScope | undefined) ?? NO_SCOPE;
}

function startChild(use: Tracing, parent: Context, name: string, options: SpanOptions): Span {
  scopeOf(use, parent).remainingSpans--;
  return use.tracer.startSpan(name, options, parent);
}

function kindOf({ SpanKind }: TraceApi, role: SpanRole): SpanKind {
  const { INTERNAL: internal, SERVER: server, CLIENT: client, PRODUCER: producer, CONSUMER: consumer } = SpanKind;
  return { internal, server, client, producer, consumer }[role];
}

/** Errors are told by their type: their messages may have what callers sent. */
function fail({ SpanStatusCode }: TraceApi, span: Span, errorType: string): void {
  span.setAttribute('error.type', errorType);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** The code of an error of this project, else the name of its class. */
export function errorTypeOf(error: unknown): string {
  if (error instanceof PanelvecError) return error.code;
  return error instanceof Error ? error.name : 'unknown';
}
