import { EventSourceParserStream } from 'eventsource-parser/stream';
import { assertOk } from './errors.js';
import { type Fetch, readRetryAfter, wait } from './retrying-fetch.js';
import type { Job } from './types.js';

const END_STATES: readonly string[] = ['succeeded', 'failed', 'cancelled'];
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 5000;
/** The service sends something every 15 s. */
const MAX_SILENCE_MS = 60_000;

export interface FollowOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds without any event or connection after which to give up */
  readonly patienceMs?: number;
}

/** The job at each change until it has ended. Lost connections are made again. */
export async function* followJob(
  fetch: Fetch,
  url: string,
  headers: Headers,
  { signal, patienceMs = 120_000 }: FollowOptions,
): AsyncGenerator<Job, void, undefined> {
  let lastId = '';
  let lastContact = performance.now();
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    let problem: unknown;
    try {
      for await (const { id, event, data } of readEvents(fetch, url, withLastId(headers, lastId), signal)) {
        lastContact = performance.now();
        pause = FIRST_PAUSE_MS;
        if (event !== 'job') continue;
        lastId = id ?? lastId;
        const job: Job = JSON.parse(data);
        yield job;
        if (END_STATES.includes(job.state)) return;
      }
    } catch (error) {
      signal?.throwIfAborted();
      // `fetch` and the reader of a body reject with these when the connection is lost or silent.
      if (!(error instanceof TypeError) && !(error instanceof DOMException)) throw error;
      problem = error;
    }
    if (performance.now() - lastContact > patienceMs) {
      throw new Error(`${url} has sent no event for ${patienceMs / 1000} s`, { cause: problem });
    }
    await wait(pause, signal);
    pause = Math.min(2 * pause, MAX_PAUSE_MS);
  }
}

async function* readEvents(fetch: Fetch, url: string, headers: Headers, signal: AbortSignal | undefined) {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), MAX_SILENCE_MS);
  const request = new Request(url, {
    headers,
    signal: AbortSignal.any([silence.signal, ...(signal === undefined ? [] : [signal])]),
  });
  const onBytes = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), MAX_SILENCE_MS);
      controller.enqueue(chunk);
    },
  });
  try {
    const response = await fetch(request);
    // A service that restarts says when to come back.
    if (!response.ok && readRetryAfter(response.headers) !== null) return;
    const { body } = await assertOk(response);
    if (body === null) return;
    const reader = body
      .pipeThrough(onBytes)
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream())
      .getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        yield value;
      }
    } finally {
      await reader.cancel();
    }
  } finally {
    clearTimeout(timer);
  }
}

function withLastId(headers: Headers, lastId: string): Headers {
  const all = new Headers(headers);
  all.set('accept', 'text/event-stream');
  if (lastId !== '') all.set('last-event-id', lastId);
  return all;
}
