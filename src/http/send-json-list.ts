import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { EventLoopYielder } from '../embedding/event-loop-yielder.ts';

/** Longer lists are sent in pieces. */
const MAX_ITEMS_AT_ONCE = 64;

/**
 * Sends `{...fields, data: [...]}`. A long list is turned into JSON bit by bit while it is sent: a million numbers at once would
 * block the event loop, and with it every other request, for a quarter of a second.
 */
export function sendJsonList<T>(
  reply: FastifyReply,
  fields: object,
  items: readonly T[],
  toJsonItem: (item: T, index: number) => object,
): FastifyReply {
  if (items.length <= MAX_ITEMS_AT_ONCE) return reply.send({ ...fields, data: items.map(toJsonItem) });
  const pieces = jsonPieces(fields, items, toJsonItem);
  return reply.type('application/json; charset=utf-8').send(Readable.from(pieces, { objectMode: false }));
}

async function* jsonPieces<T>(
  fields: object,
  items: readonly T[],
  toJsonItem: (item: T, index: number) => object,
): AsyncGenerator<string> {
  const yielder = new EventLoopYielder();
  yield `${JSON.stringify(fields).slice(0, -1)},"data":[`;
  for (const [index, item] of items.entries()) {
    await yielder.yieldIfDue();
    yield `${index === 0 ? '' : ','}${JSON.stringify(toJsonItem(item, index))}`;
  }
  yield ']}';
}
