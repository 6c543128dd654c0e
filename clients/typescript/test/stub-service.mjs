import { once } from 'node:events';
import { createServer } from 'node:http';

/** A service that answers what a test says, for what a real one does rarely. `answer` gets the number of the request. */
export async function startStub(answer) {
  const received = [];
  const server = createServer(async (request, response) => {
    const chunks = await Array.fromAsync(request);
    received.push({ url: request.url, headers: request.headers, body: Buffer.concat(chunks) });
    const { status, headers = {}, body = {} } = answer(received.length, request);
    if (status === undefined) return request.socket.destroy();
    response.writeHead(status, headers);
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export function refuse(milliseconds) {
  const error = { code: 'queue_full', message: 'no room', param: null, request_id: 'r1' };
  return { status: 429, headers: { 'retry-after': '1', 'x-retry-after-ms': String(milliseconds) }, body: { error } };
}
