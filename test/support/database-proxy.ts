import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A database server that a test can take away from its clients and give back. */
export interface DatabaseProxy {
  /** In place of that of the server */
  readonly url: string;
  /** Ends all connections and refuses new ones. */
  cut(): void;
  /** Does so when a client sends a text, before the server gets it. Resolves then. */
  cutAt(text: string): Promise<void>;
  /** Lets nothing through any more, without ending a connection. */
  hang(): void;
  restore(): void;
  stop(): Promise<void>;
}

/** Stands between clients and a PostgreSQL server. */
export async function startDatabaseProxy(serverUrl: string): Promise<DatabaseProxy> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let isCut = false;
  let isHanging = false;
  let trigger: { readonly text: string; readonly onCut: () => void } | undefined;
  const proxy = createServer((client) => {
    if (isCut) return void client.destroy();
    const server = connect(Number(target.port), target.hostname);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.on('data', (data) => {
      if (isHanging) return;
      if (trigger === undefined || !data.includes(trigger.text)) return void server.write(data);
      cut();
      trigger.onCut();
      trigger = undefined;
    });
    server.pipe(client);
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const url = new URL(serverUrl);
  url.port = String((proxy.address() as AddressInfo).port);
  function cut(): void {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  }
  return {
    url: url.href,
    cut,
    cutAt: (text) =>
      new Promise((onCut) => {
        trigger = { text, onCut };
      }),
    hang() {
      isHanging = true;
    },
    restore() {
      isCut = false;
      isHanging = false;
    },
    async stop() {
      cut();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
