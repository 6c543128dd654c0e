import { PassThrough, type Readable } from 'node:stream';
import type { FastifyRequest, RouteHandlerMethod } from 'fastify';
import fp from 'fastify-plugin';
import type { HeldPlace } from '../../embedding/wait-admission.ts';
import { PanelvecError } from '../../errors.ts';
import { PRIORITIES, type Priority } from '../../inference/priority.ts';
import type { Metrics } from '../../metrics/metrics.ts';
import { onResponseClosed } from '../on-response-closed.ts';

const TIMEOUT_HEADER = 'x-request-timeout-ms';
const PRIORITY_HEADER = 'x-priority';
const MAX_TIMEOUT_MS = 600_000;

/** The headers in JSON Schema: documented, not checked by the schema of a route, which would have to name all other headers. */
export const SCHEDULE_HEADERS = {
  type: 'object',
  properties: {
    [TIMEOUT_HEADER]: {
      type: 'integer',
      minimum: 1,
      maximum: MAX_TIMEOUT_MS,
      description: 'Deadline of the request, from the arrival of its headers. When it passes: 504 `deadline_exceeded`',
    },
    [PRIORITY_HEADER]: {
      type: 'string',
      enum: PRIORITIES,
      description: '`interactive` requests go first. Those for more than eight panels or texts are `batch` by default',
    },
  },
} as const;

/** What the headers of a request say of when its work is done. */
export interface RequestSchedule {
  readonly priority: Priority | undefined;
  /** By `performance.now` */
  readonly deadline: number | undefined;
  /** Kept while the body is read */
  place?: HeldPlace;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Of the routes that embed; empty for others */
    schedule: RequestSchedule;
    /** Aborts when the deadline of the request passes; undefined where it has none */
    deadlineSignal: AbortSignal | undefined;
  }
}

const NO_SCHEDULE: RequestSchedule = { priority: undefined, deadline: undefined };

/**
 * Reads the deadline and the priority of requests that embed or search. When a deadline passes, the request gets its 504 at once,
 * also while its body is read, and the signal of its work is aborted: what has not begun never does.
 */
export const requestSchedule = fp<{ metrics: Metrics }>(async (app, { metrics }) => {
  const inHandler = new WeakSet<FastifyRequest>();
  app.decorateRequest('schedule');
  app.decorateRequest('deadlineSignal', undefined);

  app.addHook('onRequest', async (request, reply) => {
    request.schedule = NO_SCHEDULE;
    if (!hasSchedule(request.routeOptions.config.access)) return;
    const timeoutMs = readTimeout(request);
    const deadline = timeoutMs === undefined ? undefined : performance.now() + timeoutMs;
    request.schedule = { priority: readPriority(request), deadline };
    if (timeoutMs === undefined) return;
    const controller = new AbortController();
    request.deadlineSignal = controller.signal;
    const timer = setTimeout(() => {
      metrics.recordDeadlineExceeded(inHandler.has(request) ? 'working' : 'receiving');
      controller.abort(new PanelvecError('deadline_exceeded', `the request was not done within ${timeoutMs} ms`));
    }, timeoutMs);
    onResponseClosed(reply, () => clearTimeout(timer));
  });

  app.addHook('preParsing', async ({ deadlineSignal }, _, payload: Readable) =>
    deadlineSignal === undefined ? payload : endAt(deadlineSignal, payload),
  );

  app.addHook('onRoute', (route) => {
    if (!hasSchedule(route.config?.access)) return;
    const handle = route.handler;
    route.handler = function (request, reply) {
      inHandler.add(request);
      const { deadlineSignal } = request;
      const run = () => handle.call(this, request, reply);
      return deadlineSignal === undefined ? run() : Promise.race([rejectAt(deadlineSignal), run()]);
    } satisfies RouteHandlerMethod;
  });
});

export function hasSchedule(access: string | undefined): boolean {
  return access === 'embed' || access === 'search';
}

/** The body, which fails when the signal aborts. The rest of the request stays to be read: its response must still arrive. */
function endAt(signal: AbortSignal, payload: Readable): Readable {
  const body = new PassThrough();
  // A GET and a refused body have no reader. Without a listener, the deadline would end the process.
  body.on('error', () => {});
  payload.pipe(body);
  const fail = (error: Error) => {
    payload.unpipe(body);
    body.destroy(error);
  };
  const abort = () => fail(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  payload.once('error', fail);
  payload.once('close', () => {
    if (!payload.readableEnded) fail(new Error('the connection was closed'));
  });
  return body;
}

function rejectAt(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** @throws PanelvecError invalid_request naming the header */
function readTimeout({ headers }: FastifyRequest): number | undefined {
  const text = headers[TIMEOUT_HEADER];
  if (text === undefined) return undefined;
  const timeoutMs = /^\d{1,6}$/.test(String(text)) ? Number(text) : 0;
  if (timeoutMs >= 1 && timeoutMs <= MAX_TIMEOUT_MS) return timeoutMs;
  const message = `expected a whole number of milliseconds from 1 to ${MAX_TIMEOUT_MS}`;
  throw new PanelvecError('invalid_request', message, { param: TIMEOUT_HEADER });
}

/** @throws PanelvecError invalid_request naming the header */
function readPriority({ headers }: FastifyRequest): Priority | undefined {
  const text = headers[PRIORITY_HEADER];
  if (text === undefined) return undefined;
  const priority = PRIORITIES.find((each) => each === text);
  if (priority !== undefined) return priority;
  throw new PanelvecError('invalid_request', `expected ${PRIORITIES.join(' or ')}`, { param: PRIORITY_HEADER });
}
