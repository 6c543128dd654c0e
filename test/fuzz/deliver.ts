import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { FuzzRandom } from './fuzz-random.ts';
import { type HttpResponse, parseResponses } from './http-response.ts';

/** How a client sends a request, and whether it stays. */
export const DELIVERIES = [
  'whole',
  'pieces',
  'stalls',
  'twice',
  'half-closes',
  'leaves within',
  'leaves after',
] as const;
export type Delivery = (typeof DELIVERIES)[number];

export interface Outcome {
  readonly responses: readonly HttpResponse[];
  /** Whether the server neither answered nor closed the connection in time */
  readonly hung: boolean;
  readonly ms: number;
}

/** Longer than every limit of the service: only a request that nobody ends reaches it. */
const HANG_MS = 60_000;
const MAX_PIECES = 12;
const MAX_PAUSE_MS = 40;

/** Sends bytes, and waits for the response, for the end of the connection, or not at all. */
export async function deliver(
  address: string,
  bytes: Buffer,
  delivery: Delivery,
  hasNoBody: boolean,
  random: FuzzRandom,
): Promise<Outcome> {
  const start = performance.now();
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  const received: Buffer[] = [];
  const expected = delivery === 'twice' ? 2 : 1;
  const { promise: answered, resolve } = Promise.withResolvers<void>();
  let isEnded = false;
  const responses = () => parseResponses(Buffer.concat(received), hasNoBody, isEnded);
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    received.push(chunk);
    if (responses().length >= expected) resolve();
  });
  socket.on('close', () => {
    isEnded = true;
    resolve();
  });
  await send(socket, bytes, delivery, random);
  const timer = setTimeout(resolve, HANG_MS);
  if (!delivery.startsWith('leaves')) await answered;
  clearTimeout(timer);
  const ms = performance.now() - start;
  const complete = responses();
  const hung = !delivery.startsWith('leaves') && !isEnded && complete.length < expected;
  if (random.chance(0.5)) socket.destroy();
  else socket.resetAndDestroy();
  return { responses: complete, hung, ms };
}

async function send(socket: Socket, bytes: Buffer, delivery: Delivery, random: FuzzRandom): Promise<void> {
  if (delivery === 'whole') socket.write(bytes);
  else if (delivery === 'twice') socket.write(Buffer.concat([bytes, bytes]));
  else if (delivery === 'half-closes') socket.end(bytes);
  else if (delivery === 'pieces') await sendPieces(socket, bytes, random);
  else if (delivery === 'leaves after') {
    socket.write(bytes);
    await delay(random.length(200));
  } else {
    socket.write(bytes.subarray(0, random.integer(0, bytes.length - 1)));
    if (delivery === 'leaves within') await delay(random.length(50));
  }
}

async function sendPieces(socket: Socket, bytes: Buffer, random: FuzzRandom): Promise<void> {
  const cuts = Array.from({ length: random.integer(1, MAX_PIECES) }, () => random.integer(0, bytes.length)).sort(
    (a, b) => a - b,
  );
  let start = 0;
  for (const end of [...cuts, bytes.length]) {
    socket.write(bytes.subarray(start, end));
    start = end;
    await delay(random.length(MAX_PAUSE_MS));
  }
}
