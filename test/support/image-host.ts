import { once } from 'node:events';
import http, { type IncomingMessage, type RequestListener, type Server } from 'node:http';
import https, { type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** A server on 127.0.0.1 that images are fetched from, and what it has seen. */
export class ImageHost implements AsyncDisposable {
  readonly requests: IncomingMessage[] = [];
  /** Open connections */
  readonly sockets = new Set<Socket>();
  maxSockets = 0;
  respond: RequestListener = (_, response) => response.end();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => {
      this.requests.push(request);
      this.respond(request, response);
    });
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      this.maxSockets = Math.max(this.maxSockets, this.sockets.size);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  static async start(tls?: ServerOptions): Promise<ImageHost> {
    const server = tls === undefined ? http.createServer() : https.createServer(tls);
    const host = new ImageHost(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return host;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
