import { type Agent, request } from 'node:http';

export interface Exchange {
  readonly agent: Agent;
  /** A JPEG to post; without one it is a GET. */
  readonly jpeg?: Buffer;
}

/** Resolves when the whole answer has come; its bytes are not looked at, so that the client costs little. */
export function exchange(url: URL, { agent, jpeg }: Exchange): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const headers = jpeg && { 'content-type': 'image/jpeg', 'content-length': jpeg.byteLength };
  const sent = request(url, { agent, method: jpeg ? 'POST' : 'GET', headers }, (reply) => {
    reply.on('error', reject).on('end', () => {
      if (reply.statusCode === 200) resolve();
      else reject(new Error(`${url} answered ${reply.statusCode}`));
    });
    reply.resume();
  });
  sent.on('error', reject).end(jpeg);
  return promise;
}
