import zlib from 'node:zlib';
import type { FuzzRandom } from './fuzz-random.ts';
import { mutateBytes } from './mutate-bytes.ts';

/** A request before it is sent, as far as its head goes. */
export interface Draft {
  method: string;
  target: string;
  headers: [name: string, value: string][];
  body: Buffer;
  /** How the length of the body is told; `none` where mutated headers say it, or nothing does */
  framing: 'length' | 'chunked' | 'none';
  /** Whether what is sent is still an HTTP request that deserves a response */
  isHttp: boolean;
}

type Mutation = (draft: Draft, random: FuzzRandom) => string;

const ODD_HEADERS: readonly (readonly [name: string, values: readonly string[]])[] = [
  [
    'content-type',
    ['', ';', 'image', 'image/', 'application/json; charset=utf-7', 'application/json;charset=', 'text/html'],
  ],
  [
    'content-type',
    ['image/svg+xml', 'image/jpeg', 'multipart/form-data', 'application/octet-stream', 'text/json', 'é/ü'],
  ],
  [
    'accept',
    [
      '',
      '*',
      '*/*;q=0',
      'application/x-npy',
      'application/json;q=0',
      'text/html',
      ',,,',
      'a/b;q=nan',
      `${'a/b,'.repeat(2000)}c/d`,
    ],
  ],
  ['accept-encoding', ['gzip', 'br;q=0', 'identity;q=0', '\u00ff']],
  ['expect', ['100-continue', '200-ok', '']],
  [
    'authorization',
    ['Bearer', 'Bearer ', 'Basic YTpi', `Bearer ${'k'.repeat(5000)}`, 'Bearer pv_\u00e9', 'bearer  x  y'],
  ],
  ['x-api-key', ['', 'x', 'x'.repeat(5000), '\u00ff']],
  [
    'x-request-timeout-ms',
    ['0', '1', '5', '-1', '1.5', '1e3', 'NaN', '600000', '600001', '99999999999999999999', '', ' 100 ', '0x10'],
  ],
  ['x-priority', ['interactive', 'batch', 'BATCH', '', 'urgent', 'batch,interactive']],
  ['inference-header-content-length', ['0', '-1', '1', '99999999999', 'x', '1.5', '']],
  ['idempotency-key', ['', 'a', 'x'.repeat(3000), '\u00e9']],
  ['x-request-id', ['', 'a', 'x'.repeat(3000), 'é', '../../x']],
  [
    'traceparent',
    ['', '00-0-0-00', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`, `ff-${'a'.repeat(32)}-${'b'.repeat(16)}-01`],
  ],
  ['range', ['bytes=0-', 'bytes=-1', 'bytes=5-2', 'bytes=0-0,2-3', 'items=1', `bytes=${'0-1,'.repeat(500)}2-3`]],
  ['if-none-match', ['*', '""', 'W/"x"', '"', `"${'e'.repeat(5000)}"`]],
  ['if-modified-since', ['never', 'Thu, 01 Jan 1970 00:00:00 GMT']],
  ['cookie', [`a=${'b'.repeat(30_000)}`, ';;;']],
  ['host', ['', 'a b', 'x'.repeat(3000), '[::1', 'evil.example:99999']],
  ['connection', ['keep-alive', 'upgrade', 'close, keep-alive', '']],
  ['upgrade', ['websocket', 'h2c']],
  ['origin', ['null', 'http://evil.example']],
  ['content-language', ['\u00e9']],
  ['last-event-id', ['-1', 'x', '99999999999999999999999']],
];

const HEAD_MUTATIONS: Readonly<Record<string, Mutation>> = {
  'odd header': (draft, random) => {
    const [name, values] = random.pick(ODD_HEADERS);
    const value = random.pick(values);
    if (random.chance(0.7)) draft.headers = draft.headers.filter(([other]) => other !== name);
    draft.headers.push([name, value]);
    return `${name}: ${value.slice(0, 40)}`;
  },
  'header left out': (draft, random) => {
    const [name] = random.pick(draft.headers);
    draft.headers = draft.headers.filter(([other]) => other !== name);
    return `no ${name}`;
  },
  'header twice': (draft, random) => {
    const header = random.pick(draft.headers);
    draft.headers.push([header[0], random.chance(0.5) ? header[1] : `${header[1]}x`]);
    return `${header[0]} twice`;
  },
  'long header': (draft, random) => {
    const length = random.pick([8000, 30_000, 63_000, 66_000, 200_000]);
    draft.headers.push(['x-long', 'l'.repeat(length)]);
    return `header of ${length} bytes`;
  },
  'many headers': (draft, random) => {
    const count = random.pick([100, 1000, 1999, 2001, 5000]);
    for (let i = 0; i < count; i++) draft.headers.push([`x-${i}`, 'y']);
    return `${count} headers`;
  },
  'broken header line': (draft, random) => {
    draft.headers.push(
      random.pick([
        ['no name', 'x'],
        ['', 'x'],
        ['x\0y', 'z'],
        ['x', 'y\0z'],
        ['x', 'y\rz'],
        ['x(', 'y'],
      ]),
    );
    draft.isHttp = false;
    return 'broken header line';
  },
  'lie about the length': (draft, random) => {
    const { length } = draft.body;
    const value = random.pick([
      String(length + 1 + random.length(100_000)),
      String(Math.max(0, length - 1 - random.length(length))),
      String(random.pick([2 ** 31, 2 ** 53, 70_000_000])),
      '-1',
      '+5',
      '0x10',
      '1,1',
      'many',
      '',
      '99999999999999999999999999',
    ]);
    draft.headers.push(['content-length', value]);
    draft.framing = 'none';
    draft.isHttp = false;
    return `content-length: ${value} for ${length} bytes`;
  },
  'two ways of framing': (draft, random) => {
    draft.headers.push(['content-length', String(draft.body.length)]);
    draft.headers.push(
      random.pick([
        ['transfer-encoding', 'chunked'],
        ['content-length', '7'],
        ['transfer-encoding', 'gzip'],
      ]),
    );
    draft.framing = 'none';
    draft.isHttp = false;
    return 'two ways of framing';
  },
  'broken chunks': (draft, random) => {
    const size = draft.body.length.toString(16);
    const body = draft.body.toString('latin1');
    const text = random.pick([
      `${size}\r\n${body}\r\n`,
      `${size}\n${body}\n0\n\n`,
      `-1\r\n${body}\r\n0\r\n\r\n`,
      `ffffffffffffffff\r\n${body}`,
      `zz\r\n${body}\r\n0\r\n\r\n`,
      `${size};${'e'.repeat(random.pick([10, 20_000]))}\r\n${body}\r\n0\r\n\r\n`,
      `${size}\r\n${body}\r\n0\r\nx-trailer: y\r\n\r\n`,
      `${size}\r\n${body}0\r\n\r\n`,
    ]);
    draft.headers.push(['transfer-encoding', 'chunked']);
    draft.body = Buffer.from(text, 'latin1');
    draft.framing = 'none';
    draft.isHttp = false;
    return 'broken chunks';
  },
  'small chunks': (draft) => {
    draft.framing = 'chunked';
    return 'small chunks';
  },
  'other method': (draft, random) => {
    draft.method = random.pick([
      'GET',
      'PUT',
      'PATCH',
      'DELETE',
      'HEAD',
      'OPTIONS',
      'TRACE',
      'PROPFIND',
      'post',
      'QUERY',
    ]);
    return draft.method;
  },
  'no such method': (draft, random) => {
    draft.method = random.pick(['CONNECT', 'FUZZ', 'P\u00d6ST', '', 'G E T', 'A'.repeat(10_000)]);
    draft.isHttp = false;
    return `method ${draft.method.slice(0, 20)}`;
  },
};

const TARGETS: readonly ((target: string, random: FuzzRandom) => string)[] = [
  (target) => `${target}?model=compact&model=compact`,
  (target) => `${target}?model`,
  (target) => `${target}?model=%00`,
  (target) => `${target}?model=%ff%fe`,
  (target) => `${target}?model=%`,
  (target) => `${target}?outputs=fused&outputs=vision&outputs=nothing`,
  (target) => `${target}?dimensions=1e400&normalize=maybe`,
  (target) => `${target}?dimensions=3&normalize=true&encoding_format=base64&outputs=vision`,
  (target) => `${target}?__proto__=1&constructor=2`,
  (target) => `${target}?a[b][c]=d`,
  (target) => `${target}?${'a=b&'.repeat(2000)}`,
  (target) => `${target}?model=${'m'.repeat(50_000)}`,
  (target) => `${target}?expected_space=0000000000000000`,
  (target) => `${target}#fragment`,
  (target) => `${target}/`,
  (target) => `${target}/..`,
  (target) => `${target}/%2e%2e/%2e%2e/etc/passwd`,
  (target) => `${target}%00`,
  (target) => `${target}%`,
  (target) => `${target}%c0%af`,
  (target) => `/${target}`,
  (target) => target.toUpperCase(),
  (target) => target.replaceAll('/', '%2f'),
  (target) => `http://evil.example${target}`,
  (target) => target.slice(1),
  (target) => `${target} HTTP/1.1`,
  (target) => `${target}\u00e9`,
  (target) => `${target}?q=\u00e9\u00ff`,
  () => '*',
  () => '',
  () => '/'.repeat(5000),
  () => `/v1/jobs/${'0'.repeat(36)}`,
  () => '/v1/jobs/%00/artifacts/..%2f..%2fmodel.json',
  () => '/v1/collections/examples/panels/zzz/image?width=-1',
  () => '/v1/collections/%27%3b--/panels?ids=,,,',
  () => '/v1/audit?limit=99999999999&after=%00',
  () => '/v1/jobs?limit=-1&state=%00&after=x',
  () => '/v1/models/..%2f..%2fetc/card',
  () => '/docs/static/..%2f..%2f..%2fpackage.json',
  () => '/assets/..%5c..%5cpackage.json',
  (target, random) => target.slice(0, random.integer(1, target.length)),
  (target, random) =>
    mutateBytes(Buffer.from(target), random)
      .bytes.toString('latin1')
      .replace(/^[^/]*/, '/'),
];

/** Damages method, target or headers. @returns what was done */
export function mutateHead(draft: Draft, random: FuzzRandom): string {
  if (random.chance(0.3)) {
    draft.target = random.pick(TARGETS)(draft.target, random);
    // Blanks and control characters end the target early, so that nothing may be left of the request.
    if (/[\s\0-\x20\x7f]|^$/.test(draft.target) || !/^[/*]|^http:/.test(draft.target)) draft.isHttp = false;
    return `target ${JSON.stringify(draft.target.slice(0, 60))}`;
  }
  return random.pick(Object.values(HEAD_MUTATIONS))(draft, random);
}

const CODINGS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: (bytes) => zlib.gzipSync(bytes),
  deflate: (bytes) => zlib.deflateSync(bytes),
  br: (bytes) => zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }),
  zstd: (bytes) => zlib.zstdCompressSync(bytes),
};
const BOMB_BYTES = 100 * 2 ** 20;

const bombs = new Map<string, Buffer>();

/** Made once: compressing it takes a second, and nothing is sent meanwhile. */
function makeBomb(name: string, compress: (bytes: Buffer) => Buffer): Buffer {
  const bomb = bombs.get(name) ?? compress(Buffer.alloc(BOMB_BYTES, 0x20));
  bombs.set(name, bomb);
  return bomb;
}

/** Compresses the body, rightly or not. @returns what was done */
export function mutateCoding(draft: Draft, random: FuzzRandom): string {
  const [name, compress] = random.pick(Object.entries(CODINGS));
  const action = random.pick([
    'right',
    'right',
    'damaged',
    'not compressed',
    'twice',
    'bomb',
    'unknown',
    'list',
    'appended',
  ]);
  let header = name;
  if (action === 'bomb') draft.body = makeBomb(name, compress);
  else if (action !== 'not compressed') draft.body = compress(draft.body);
  if (action === 'damaged') draft.body = mutateBytes(draft.body, random).bytes;
  if (action === 'appended') draft.body = Buffer.concat([draft.body, draft.body, random.bytes(20)]);
  if (action === 'twice') draft.body = compress(draft.body);
  if (action === 'unknown') header = random.pick(['compress', 'x', '', 'identity', 'GZIP', 'gzip;q=1']);
  if (action === 'list') header = `${name}, ${name}`;
  draft.headers.push(['content-encoding', header]);
  return `content-encoding: ${header}, ${action}`;
}
