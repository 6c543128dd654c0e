/** A collector of traces as Jaeger is one: takes OTLP over HTTP in protobuf, and keeps the spans. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

type AttributeValue = string | number | boolean;

export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of a trace */
  readonly parentId: string;
  readonly name: string;
  /** As the enumeration of OTLP: 1 internal, 2 server, 3 client, 4 producer, 5 consumer */
  readonly kind: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** Ids of the spans that it has links to */
  readonly links: readonly string[];
  readonly isError: boolean;
  /** `service.name` of the process that sent it */
  readonly service: string;
}

export interface OtlpCollector extends AsyncDisposable {
  readonly endpoint: string;
  readonly spans: readonly CollectedSpan[];
  readonly requests: readonly { readonly url: string | undefined; readonly type: string | undefined }[];
  /** Everything that was sent, as text with what is no text in it */
  readonly text: string;
  childrenOf(span: CollectedSpan): CollectedSpan[];
}

export async function startOtlpCollector(): Promise<OtlpCollector> {
  const spans: CollectedSpan[] = [];
  const requests: { url: string | undefined; type: string | undefined }[] = [];
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    bodies.push(body.toString('latin1'));
    spans.push(...readExport(body));
    requests.push({ url: request.url, type: request.headers['content-type'] });
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    requests,
    get text() {
      return bodies.join('\n');
    },
    childrenOf: ({ spanId }) => spans.filter(({ parentId }) => parentId === spanId),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The values of each field of a message, by its number: bytes, or an integer. */
type Message = ReadonlyMap<number, (Uint8Array | bigint)[]>;

function readMessage(bytes: Uint8Array): Message {
  const reader = new BinaryReader(bytes);
  const fields = new Map<number, (Uint8Array | bigint)[]>();
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    const values = fields.get(number) ?? [];
    fields.set(number, values);
    if (wireType === WireType.LengthDelimited) values.push(reader.bytes());
    else if (wireType === WireType.Varint) values.push(BigInt(reader.int64()));
    else if (wireType === WireType.Bit64) values.push(BigInt(reader.fixed64()));
    else reader.skip(wireType);
  }
  return fields;
}

function messagesOf(message: Message, field: number): Message[] {
  return bytesOf(message, field).map(readMessage);
}

function bytesOf(message: Message, field: number): Uint8Array[] {
  return (message.get(field) ?? []).filter((value) => value instanceof Uint8Array);
}

function integerOf(message: Message, field: number): bigint {
  const [value = 0n] = message.get(field) ?? [];
  return typeof value === 'bigint' ? value : 0n;
}

function hexOf(message: Message, field: number): string {
  return Buffer.from(bytesOf(message, field)[0] ?? []).toString('hex');
}

function textOf(message: Message, field: number): string {
  return Buffer.from(bytesOf(message, field)[0] ?? []).toString('utf8');
}

/** Reads an ExportTraceServiceRequest: resources, in them scopes, in them spans. */
function readExport(bytes: Uint8Array): CollectedSpan[] {
  return messagesOf(readMessage(bytes), 1).flatMap((resourceSpans) => {
    const resource = Object.assign({}, ...messagesOf(resourceSpans, 1).map((each) => readAttributes(each, 1)));
    const service = String(resource['service.name']);
    return messagesOf(resourceSpans, 2).flatMap((scope) => messagesOf(scope, 2).map((span) => readSpan(span, service)));
  });
}

function readSpan(span: Message, service: string): CollectedSpan {
  return {
    traceId: hexOf(span, 1),
    spanId: hexOf(span, 2),
    parentId: hexOf(span, 4),
    name: textOf(span, 5),
    kind: Number(integerOf(span, 6)),
    startNs: integerOf(span, 7),
    endNs: integerOf(span, 8),
    attributes: readAttributes(span, 9),
    links: messagesOf(span, 13).map((link) => hexOf(link, 2)),
    isError: messagesOf(span, 15).some((status) => integerOf(status, 3) === 2n),
    service,
  };
}

function readAttributes(message: Message, field: number): Record<string, AttributeValue> {
  return Object.fromEntries(messagesOf(message, field).map((pair) => [textOf(pair, 1), readValue(pair)]));
}

/** Of a KeyValue, whose value is one of several kinds. */
function readValue(pair: Message): AttributeValue {
  const [value = new Map()] = messagesOf(pair, 2);
  if (value.has(2)) return integerOf(value, 2) === 1n;
  if (value.has(3)) return Number(integerOf(value, 3));
  if (value.has(4)) return new Float64Array(BigUint64Array.of(integerOf(value, 4)).buffer)[0] ?? 0;
  return textOf(value, 1);
}
