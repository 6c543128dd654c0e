import { type Agent, request } from 'node:http';

export interface RequestOptions {
  readonly agent: Agent;
  /** Without one it is a GET. */
  readonly payload?: { readonly type: string; readonly body: Buffer };
}

/** Resolves when the whole answer has come; its bytes are not looked at, so that the client costs little. */
export function sendRequest(url: URL, { agent, payload }: RequestOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const headers = payload && { 'content-type': payload.type, 'content-length': payload.body.byteLength };
  const clientRequest = request(url, { agent, method: payload ? 'POST' : 'GET', headers }, (response) => {
    response.on('error', reject).on('end', () => {
      if (response.statusCode === 200) resolve();
      else reject(new Error(`${url} answered ${response.statusCode}`));
    });
    response.resume();
  });
  clientRequest.on('error', reject).end(payload?.body);
  return promise;
}
