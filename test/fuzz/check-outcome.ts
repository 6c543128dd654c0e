import { errorResponseSchema, openInferenceErrorSchema } from '../../src/http/error-response.ts';
import type { Outcome } from './deliver.ts';
import type { FuzzRequest } from './fuzz-request.ts';
import type { HttpResponse } from './http-response.ts';

/** What no client must see */
const INTERNALS = /node_modules|\.ts:\d|\n\s+at /;

/** A client that is slower than this may find its connection closed, with the response lost over what it still sends. */
export const REQUEST_TIMEOUT_MS = 3000;

/** What is wrong with how the service answered; empty if nothing is. */
export function checkOutcome(request: FuzzRequest, { responses, hung, ms }: Outcome): string[] {
  const problems = responses.flatMap((response) => checkResponse(request, response));
  if (hung) problems.push(`neither a response nor the end of the connection within ${Math.round(ms)} ms`);
  else if (request.deservesResponse && responses.length === 0)
    problems.push('closed the connection without a response');
  return problems;
}

function checkResponse(request: FuzzRequest, { status, headers, body }: HttpResponse): string[] {
  const text = body.toString();
  const shown = `${status} ${text.slice(0, 500)}`;
  if (status < 400) return checkSuccess(headers, text).map((problem) => `${problem}: ${shown}`);
  const isJson = headers.get('content-type')?.startsWith('application/json') === true;
  const error = body.length === 0 && request.method === 'HEAD' ? undefined : readError(text);
  const problems: string[] = [];
  if (error === null || !isJson) problems.push('an error of another form');
  if (INTERNALS.test(text)) problems.push('internals of the service');
  // The response to HEAD says its status alone.
  const code = error === undefined ? REFUSALS[status] : error?.code;
  if (status >= 500 && !isHonestRefusal(request, status, code)) problems.push('an error of the server');
  return problems.map((problem) => `${problem}: ${shown}`);
}

const REFUSALS: Readonly<Record<number, string>> = { 503: 'queue_full', 504: 'deadline_exceeded' };

/** Overload, and a deadline that the client has set itself */
function isHonestRefusal({ hasDeadline }: FuzzRequest, status: number, code: string | undefined): boolean {
  return code !== undefined && code === REFUSALS[status] && (status !== 504 || hasDeadline);
}

function readError(text: string): { code: string } | null {
  try {
    const json: unknown = JSON.parse(text);
    const error = errorResponseSchema.safeParse(json);
    return error.success ? error.data.error : openInferenceErrorSchema.parse(json);
  } catch {
    return null;
  }
}

/** JSON can hold no number that is not finite: it would be null. */
function checkSuccess(headers: ReadonlyMap<string, string>, text: string): string[] {
  if (!headers.get('content-type')?.startsWith('application/json') || text === '') return [];
  try {
    const { data }: { data?: unknown } = JSON.parse(text);
    const items = Array.isArray(data) ? data : [];
    const vectors = items.map((item) => (item as { embedding?: unknown }).embedding).filter(Array.isArray);
    return vectors.every((vector) => vector.every(Number.isFinite)) ? [] : ['a vector that is not finite'];
  } catch {
    return ['JSON that cannot be parsed'];
  }
}
