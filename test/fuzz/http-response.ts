/** A response as it came over a socket. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * Reads the complete responses at the start of what a server has sent, without those that only ask to go on.
 * @param hasNoBody whether the response at an index is one to HEAD
 * @param isEnded whether the server has closed the connection, which ends a body without a length
 */
export function parseResponses(bytes: Buffer, hasNoBody: boolean, isEnded: boolean): HttpResponse[] {
  const responses: HttpResponse[] = [];
  for (let start = 0; ; ) {
    const headEnd = bytes.indexOf(HEAD_END, start);
    if (headEnd < 0) return responses;
    const [statusLine = '', ...lines] = bytes.toString('latin1', start, headEnd).split('\r\n');
    const status = Number(/^HTTP\/1\.[01] (\d{3}) /.exec(`${statusLine} `)?.[1]);
    if (Number.isNaN(status)) throw new Error(`no status line: ${JSON.stringify(statusLine.slice(0, 100))}`);
    const headers = new Map(lines.map(splitHeader));
    start = headEnd + HEAD_END.length;
    if (status < 200) continue;
    const body =
      hasNoBody || status === 204 || status === 304 ? emptyBody(start) : readBody(bytes, start, headers, isEnded);
    if (body === undefined) return responses;
    responses.push({ status, headers, body: body.bytes });
    start = body.end;
  }
}

interface ReadBody {
  readonly bytes: Buffer;
  readonly end: number;
}

const emptyBody = (end: number): ReadBody => ({ bytes: Buffer.alloc(0), end });

function splitHeader(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

/** Undefined while bytes are missing. */
function readBody(
  bytes: Buffer,
  start: number,
  headers: ReadonlyMap<string, string>,
  isEnded: boolean,
): ReadBody | undefined {
  if (headers.get('transfer-encoding') === 'chunked') return readChunks(bytes, start);
  const length = headers.get('content-length');
  const end = length === undefined ? (isEnded ? bytes.length : Number.POSITIVE_INFINITY) : start + Number(length);
  return end > bytes.length ? undefined : { bytes: bytes.subarray(start, end), end };
}

function readChunks(bytes: Buffer, start: number): ReadBody | undefined {
  const chunks: Buffer[] = [];
  for (let place = start; ; ) {
    const lineEnd = bytes.indexOf('\r\n', place);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', place, lineEnd), 16);
    const chunkStart = lineEnd + 2;
    if (chunkStart + size + 2 > bytes.length) return undefined;
    if (size === 0) return { bytes: Buffer.concat(chunks), end: chunkStart + 2 };
    chunks.push(bytes.subarray(chunkStart, chunkStart + size));
    place = chunkStart + size + 2;
  }
}
