import { type Agent, request } from 'node:http';

export interface Exchange {
  readonly agent: Agent;
  /** Without one it is a GET. */
  readonly posted?: { readonly type: string; readonly body: Buffer };
}

/** Resolves when the whole answer has come; its bytes are not looked at, so that the client costs little. */
export function exchange(url: URL, { agent, posted }: Exchange): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const headers = posted && { 'content-type': posted.type, 'content-length': posted.body.byteLength };
  const sent = request(url, { agent, method: posted ? 'POST' : 'GET', headers }, (reply) => {
    reply.on('error', reject).on('end', () => {
      if (reply.statusCode === 200) resolve();
      else reject(new Error(`${url} answered ${reply.statusCode}`));
    });
    reply.resume();
  });
  sent.on('error', reject).end(posted?.body);
  return promise;
}
