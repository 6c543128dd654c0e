import { DELIVERIES, type Delivery } from './deliver.ts';
import type { FuzzRandom } from './fuzz-random.ts';
import { mutateBytes } from './mutate-bytes.ts';
import { encodeForm, mutateForm } from './mutate-form.ts';
import { type Draft, mutateCoding, mutateHead } from './mutate-head.ts';
import { mutateJson, mutateText } from './mutate-json.ts';
import { mutatePicture } from './mutate-picture.ts';
import type { SamplePicture } from './sample-pictures.ts';
import type { Content, SampleRequest } from './sample-requests.ts';

/** A damaged request as it is sent. */
export interface FuzzRequest {
  readonly method: string;
  readonly target: string;
  /** What was done to it */
  readonly notes: readonly string[];
  readonly delivery: Delivery;
  readonly bytes: Buffer;
  /** Whether it is an HTTP request that deserves a response, as long as its client stays */
  readonly deservesResponse: boolean;
  readonly hasDeadline: boolean;
}

const CHUNK_BYTES = 1000;
const MAX_TIMEOUT_MS = 2000;

/** Takes a request that the service accepts, and damages it in a few ways. */
export function makeFuzzRequest(
  samples: readonly SampleRequest[],
  pictures: readonly SamplePicture[],
  random: FuzzRandom,
): FuzzRequest {
  const sample = random.pick(samples);
  const notes: string[] = [];
  const picture = sample.usesPicture ? makePicture(pictures, random, notes) : undefined;
  const content = sample.content(picture ?? { name: 'none', type: 'image/png', bytes: Buffer.alloc(0) });
  const draft = toDraft(sample, content, random, notes);
  if (draft.body.length > 0 && random.chance(0.1)) notes.push(mutateCoding(draft, random));
  if (notes.length === 0 || random.chance(0.2)) notes.push(mutateHead(draft, random));
  if (random.chance(0.1)) {
    const timeoutMs = 1 + random.length(MAX_TIMEOUT_MS);
    notes.push(`deadline of ${timeoutMs} ms`);
    draft.headers.push(['x-request-timeout-ms', String(timeoutMs)]);
  }
  const delivery = random.chance(0.65) ? 'whole' : random.pick(DELIVERIES);
  if (delivery !== 'twice') draft.headers.push(['connection', 'close']);
  const { method, target } = draft;
  return {
    method,
    target,
    notes,
    delivery,
    bytes: encode(draft),
    deservesResponse: draft.isHttp && !delivery.startsWith('leaves') && !delivery.startsWith('half'),
    hasDeadline: draft.headers.some(([name]) => name === 'x-request-timeout-ms'),
  };
}

function makePicture(pictures: readonly SamplePicture[], random: FuzzRandom, notes: string[]): SamplePicture {
  const picture = random.pick(pictures);
  if (random.chance(0.3)) return picture;
  const other = random.pick(pictures).bytes;
  let { bytes } = picture;
  for (let times = random.pick([1, 1, 2]); times > 0; times--) {
    const mutated = mutatePicture(bytes, random, other);
    bytes = mutated.bytes;
    notes.push(`${picture.name}: ${mutated.note}`);
  }
  return { ...picture, bytes };
}

function toDraft(sample: SampleRequest, content: Content, random: FuzzRandom, notes: string[]): Draft {
  const { method, target } = sample;
  const headers: Draft['headers'] = [
    ['host', 'localhost'],
    ...(sample.headers ?? []).map(([name, value]) => [name, value] as [string, string]),
  ];
  const draft: Draft = { method, target, headers, body: Buffer.alloc(0), framing: 'none', isHttp: true };
  if (content.kind === 'none') return draft;
  const { type, bytes } = encodeContent(content, random, notes);
  return { ...draft, headers: [...headers, ['content-type', type]], body: bytes, framing: 'length' };
}

function encodeContent(
  content: Exclude<Content, { kind: 'none' }>,
  random: FuzzRandom,
  notes: string[],
): { type: string; bytes: Buffer } {
  if (content.kind === 'bytes') {
    if (notes.length > 0 || random.chance(0.3)) return content;
    const { bytes, note } = mutateBytes(content.bytes, random);
    notes.push(note);
    return { ...content, bytes };
  }
  if (content.kind === 'form') {
    const parts = content.parts.map((part) => {
      if (part.name !== 'request' || random.chance(0.8)) return part;
      const { text, note } = mutateJson(JSON.parse(part.bytes.toString()), random);
      notes.push(note);
      return { ...part, bytes: Buffer.from(text) };
    });
    if (random.chance(0.6)) return encodeForm(parts);
    const { note, ...encoded } = mutateForm(parts, random);
    notes.push(note);
    return encoded;
  }
  const type = 'application/json';
  const isChanged = notes.length === 0 || random.chance(0.3);
  const { text, note } = isChanged
    ? mutateJson(content.value, random)
    : { text: JSON.stringify(content.value), note: '' };
  if (isChanged) notes.push(note);
  if (random.chance(0.85)) return { type, bytes: Buffer.from(text) };
  const mutated = mutateText(text, random);
  notes.push(mutated.note);
  return { type, bytes: mutated.bytes };
}

function encode({ method, target, headers, body, framing }: Draft): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  if (framing === 'length') lines.push(`content-length: ${body.length}`);
  if (framing === 'chunked') lines.push('transfer-encoding: chunked');
  const head = `${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), framing === 'chunked' ? encodeChunks(body) : body]);
}

function encodeChunks(body: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let start = 0; start < body.length; start += CHUNK_BYTES) {
    const chunk = body.subarray(start, start + CHUNK_BYTES);
    chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
  }
  return Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')]);
}
