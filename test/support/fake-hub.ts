import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A fault of the hub for one file. It happens `times` times, or always if that is undefined. */
export type Fault = { readonly times?: number } & (
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfter?: string;
      readonly server?: 'hub' | 'storage';
    }
  /** Refuses requests without this token: 401 without any, 403 with another */
  | { readonly kind: 'token'; readonly token: string }
  /** Closes the connection when the body is sent up to this offset of the file */
  | { readonly kind: 'break'; readonly offset: number }
  /** Sends the file up to this offset, and nothing after it */
  | { readonly kind: 'stall'; readonly offset: number }
  /** Flips the bits of the first byte */
  | { readonly kind: 'spoil' }
  /** Sends this many bytes more (or fewer, below 0) than it announced */
  | { readonly kind: 'resize'; readonly extraBytes: number }
  /** Responds with the whole file to a request for a range */
  | { readonly kind: 'ignore-range' }
  /** Responds with another range than the request's */
  | { readonly kind: 'other-range' }
);

export interface LoggedRequest {
  readonly server: 'hub' | 'storage';
  readonly method: string;
  /** Path and query */
  readonly url: string;
  /** Repository and path */
  file: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
  /** 0 until the response begins */
  status: number;
  /** Bytes of the body that were written to the connection */
  bytesSent: number;
}

export type Repositories = Readonly<Record<string, Readonly<Record<string, Uint8Array | string>>>>;

/** A server that behaves like the Hugging Face hub, and a storage server on another port that it redirects large files to. */
export interface FakeHub {
  readonly endpoint: string;
  /** Requests in the order of arrival. A test may empty it. */
  readonly log: LoggedRequest[];
  /** Adds or changes a file. */
  put(repo: string, path: string, content: Uint8Array | string): void;
  /** Sets the faults of a file; none to serve it normally again. A request gets the first fault that applies. */
  injectFaults(repo: string, path: string, ...faults: readonly Fault[]): void;
  close(): Promise<void>;
}

/** Files that git-lfs keeps in the storage, by extension. The hub serves all others itself. */
const LFS_FILE = /\.(onnx|onnx_data|safetensors|bin|model)$/;

/**
 * Starts a fake hub. @param xet whether clients that accept it get a description of a file in place of a redirect, as from
 * the hub for Xet storage
 */
export async function startFakeHub(repos: Repositories, { xet = false }: { xet?: boolean } = {}): Promise<FakeHub> {
  const state: HubState = { xet, storage: '', files: new Map(), repos: new Set(), log: [], faults: new Map() };
  const put = (repo: string, path: string, content: Uint8Array | string) => {
    state.repos.add(repo);
    state.files.set(`${repo}/${path}`, Buffer.from(content as Uint8Array));
  };
  for (const [repo, files] of Object.entries(repos)) {
    for (const [path, content] of Object.entries(files)) put(repo, path, content);
  }
  const hub = createServer(createListener(state, 'hub', handleHubRequest));
  const storage = createServer(createListener(state, 'storage', handleStorageRequest));
  state.storage = await listen(storage);
  return {
    endpoint: await listen(hub),
    log: state.log,
    put,
    injectFaults: (repo, path, ...faults) => {
      state.faults.set(
        `${repo}/${path}`,
        faults.map((fault) => ({ fault, remaining: fault.times ?? Number.POSITIVE_INFINITY })),
      );
    },
    close: () => Promise.all([hub, storage].map(closeServer)).then(() => {}),
  };
}

/** The commit of `main` */
const COMMIT = 'c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00';

interface HubState {
  readonly xet: boolean;
  storage: string;
  /** By repository and path */
  readonly files: Map<string, Buffer>;
  readonly repos: Set<string>;
  readonly log: LoggedRequest[];
  readonly faults: Map<string, { readonly fault: Fault; remaining: number }[]>;
}

/** One request and its response. */
interface Exchange {
  readonly state: HubState;
  readonly entry: LoggedRequest;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

function createListener(
  state: HubState,
  server: 'hub' | 'storage',
  handle: (exchange: Exchange) => void,
): RequestListener {
  return (request, response) => {
    const { method, url, headers } = request;
    const { range, authorization } = headers;
    const entry = { server, method: method!, url: url!, file: '', range, authorization, status: 0, bytesSent: 0 };
    state.log.push(entry);
    handle({ state, entry, request, response });
  };
}

function handleHubRequest(exchange: Exchange): void {
  const { state, entry } = exchange;
  const resolve = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(entry.url);
  const cached = /^\/api\/resolve-cache\/models\/([^/]+\/[^/]+)\/([^/]+)\/(.+)$/.exec(entry.url);
  const [, repo = '', revision = '', rest = ''] = resolve ?? cached ?? [];
  entry.file = `${repo}/${decodeURIComponent(rest)}`;
  if (sendInjectedError(exchange) || sendNotFoundError(exchange, repo, decodeURIComponent(revision))) return;
  const content = state.files.get(entry.file)!;
  exchange.response.setHeader('x-repo-commit', COMMIT);
  if (LFS_FILE.test(entry.file)) sendStorageLink(exchange, content);
  // The location is relative and on the hub itself, so the token has to be sent there too.
  else if (resolve !== null) {
    endResponse(exchange, 307, { location: `/api/resolve-cache/models/${repo}/${COMMIT}/${rest}` });
  } else send(exchange, content, gitSha1(content));
}

function sendStorageLink(exchange: Exchange, content: Buffer): void {
  const { state, entry, request } = exchange;
  const sha256 = sha256Hex(content);
  const linkedHeaders = { 'x-linked-etag': `"${sha256}"`, 'x-linked-size': content.length };
  if (!state.xet || !request.headers.accept?.includes('application/vnd.xet-fileinfo+json')) {
    endResponse(exchange, 302, {
      ...linkedHeaders,
      location: `${state.storage}/${encodeURI(entry.file)}?signature=small`,
    });
    return;
  }
  const host = `http://${request.headers.host}`;
  endResponse(exchange, 200, {
    ...linkedHeaders,
    'content-type': 'application/vnd.xet-fileinfo+json',
    'x-xet-hash': sha256Hex(Buffer.from(sha256)),
    link: `<${host}/xet-read-token>; rel="xet-auth", <${host}/reconstruction>; rel="xet-reconstruction-info"`,
  });
}

function handleStorageRequest(exchange: Exchange): void {
  const { state, entry } = exchange;
  const url = new URL(entry.url, state.storage);
  entry.file = decodeURIComponent(url.pathname.slice(1));
  if (sendInjectedError(exchange)) return;
  const content = state.files.get(entry.file);
  // Storage servers refuse requests with two kinds of authorization.
  if (entry.authorization !== undefined || !url.searchParams.has('signature')) endResponse(exchange, 400);
  else if (content === undefined) endResponse(exchange, 404);
  // The ETag looks like the SHA-256 of the file, but is the hash of something else.
  else send(exchange, content, sha256Hex(Buffer.from(gitSha1(content))));
}

type FaultOfKind<K extends Fault['kind']> = Extract<Fault, { kind: K }>;

/** Takes the next fault of these kinds for a request, and counts it as used. */
function takeFault<K extends Fault['kind']>(
  { state, entry }: Exchange,
  ...kinds: readonly K[]
): FaultOfKind<K> | undefined {
  const found = state.faults.get(entry.file)?.find(({ fault, remaining }) => {
    const matchesServer = fault.kind !== 'status' || (fault.server ?? 'hub') === entry.server;
    return remaining > 0 && matchesServer && (kinds as readonly string[]).includes(fault.kind);
  });
  if (found !== undefined) found.remaining--;
  return found?.fault as FaultOfKind<K> | undefined;
}

function sendInjectedError(exchange: Exchange): boolean {
  const { server, authorization } = exchange.entry;
  const statusFault = takeFault(exchange, 'status');
  const tokenFault = server === 'hub' ? takeFault(exchange, 'token') : undefined;
  if (statusFault !== undefined) {
    endResponse(
      exchange,
      statusFault.status,
      statusFault.retryAfter === undefined ? {} : { 'retry-after': statusFault.retryAfter },
    );
  } else if (tokenFault !== undefined && authorization !== `Bearer ${tokenFault.token}`) {
    endResponse(exchange, authorization === undefined ? 401 : 403, { 'x-error-code': 'GatedRepo' });
  } else return false;
  return true;
}

function sendNotFoundError(exchange: Exchange, repo: string, revision: string): boolean {
  const { state, entry } = exchange;
  if (!state.repos.has(repo)) {
    endResponse(exchange, entry.authorization === undefined ? 401 : 404, { 'x-error-code': 'RepoNotFound' });
  } else if (revision !== 'main' && revision !== COMMIT)
    endResponse(exchange, 404, { 'x-error-code': 'RevisionNotFound' });
  else if (!state.files.has(entry.file)) endResponse(exchange, 404, { 'x-error-code': 'EntryNotFound' });
  else return false;
  return true;
}

function send(exchange: Exchange, content: Buffer, etag: string): void {
  const { entry, response } = exchange;
  const size = content.length;
  response.setHeader('etag', `"${etag}"`);
  response.setHeader('accept-ranges', 'bytes');
  const [, start, stop] = /^bytes=(\d+)-(\d*)$/.exec((!takeFault(exchange, 'ignore-range') && entry.range) || '') ?? [];
  const [from, to] = [Number(start ?? 0), stop ? Math.min(size, Number(stop) + 1) : size];
  if (start === undefined) sendBody(exchange, 200, content, 0);
  else if (from >= size) endResponse(exchange, 416, { 'content-range': `bytes */${size}` });
  else {
    const shift = takeFault(exchange, 'other-range') === undefined ? 0 : 1;
    response.setHeader('content-range', `bytes ${from + shift}-${to - 1}/${size}`);
    sendBody(exchange, 206, content.subarray(from, to), from);
  }
}

/** @param from offset of the body in the file */
function sendBody(exchange: Exchange, status: number, body: Buffer, from: number): void {
  const { entry, request, response } = exchange;
  // A request for the first byte only wants the headers: it uses up no fault of the content.
  const isContentRequest = request.method === 'GET' && entry.range !== 'bytes=0-0';
  const bytes = Buffer.from(body);
  if (isContentRequest && takeFault(exchange, 'spoil') !== undefined) bytes[0]! ^= 0xff;
  const extraBytes = (isContentRequest && takeFault(exchange, 'resize')?.extraBytes) || 0;
  const resized = extraBytes < 0 ? bytes.subarray(0, extraBytes) : Buffer.concat([bytes, Buffer.alloc(extraBytes)]);
  const interruption = isContentRequest ? takeFault(exchange, 'break', 'stall') : undefined;
  entry.status = status;
  response.writeHead(status, { 'content-length': resized.length });
  const chunk = interruption === undefined ? resized : resized.subarray(0, Math.max(0, interruption.offset - from));
  entry.bytesSent = request.method === 'HEAD' ? 0 : chunk.length;
  if (interruption === undefined) response.end(chunk);
  else {
    response.flushHeaders();
    response.write(chunk, () => interruption.kind === 'break' && response.socket?.end());
  }
}

function endResponse(
  { entry, response }: Exchange,
  status: number,
  headers: Record<string, string | number> = {},
): void {
  entry.status = status;
  response.writeHead(status, headers).end();
}

/** SHA-1 that git gives a blob with this content. */
export function gitSha1(content: Uint8Array): string {
  return createHash('sha1').update(`blob ${content.byteLength}\0`).update(content).digest('hex');
}

const sha256Hex = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

async function listen(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function closeServer(server: Server): Promise<void> {
  server.close().closeAllConnections();
  await once(server, 'close');
}
