import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import type { PoolConfig } from 'pg';
import { z } from 'zod';
import { writeFileAtomic } from '../files/atomic-write.ts';
import { runtimeFolder } from './runtime-folder.ts';

export const LOOPBACK_HOST = '127.0.0.1';
const OWNER_ONLY = 0o600;

/**
 * TLS with a secret of both sides instead of certificates (RFC 5489). The handshake succeeds only between two processes that
 * know the secret: another user who connects is refused, and one who takes over a port that became free is not believed.
 * TLS 1.3 would fall back to certificates.
 */
export const TLS_WITH_SECRET = {
  ciphers: 'ECDHE-PSK-CHACHA20-POLY1305',
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
} as const;
/** node-postgres asks for this protocol. */
export const ALPN_PROTOCOL = 'postgresql';
const SECRET_NAME = 'panelvec';

/** Where the embedded database listens until it ends, and what only its user knows. */
export interface LoopbackAddress {
  readonly port: number;
  readonly secret: Buffer;
}

const fileSchema = z.object({ port: z.int().min(1).max(65_535), secret: z.base64().min(1) });

export async function writeLoopbackAddress(home: string, { port, secret }: LoopbackAddress): Promise<void> {
  const content = JSON.stringify({ port, secret: secret.toString('base64') });
  await writeFileAtomic(addressFile(home), content, runtimeFolder(home), OWNER_ONLY);
}

/** Options of node-postgres. Each connection reads the address that the database has then. */
export function loopbackAddress(home: string): Pick<PoolConfig, 'host' | 'ssl' | 'sslnegotiation' | 'stream'> {
  // That of the last connection. The handshake of an earlier one fails only where its database has ended.
  let secret: Buffer = Buffer.alloc(0);
  const openSocket = () => {
    const socket = new Socket();
    const connect = socket.connect.bind(socket);
    // node-postgres would connect to the same port for ever, but the database has another one after each start.
    socket.connect = () => {
      try {
        const address = readLoopbackAddress(home);
        secret = address.secret;
        return connect(address.port, LOOPBACK_HOST);
      } catch (error) {
        return socket.destroy(error instanceof Error ? error : undefined);
      }
    };
    return socket;
  };
  return {
    host: LOOPBACK_HOST,
    sslnegotiation: 'direct',
    ssl: {
      ...TLS_WITH_SECRET,
      pskCallback: () => ({ psk: secret, identity: SECRET_NAME }),
      // There is no certificate to check.
      checkServerIdentity: () => undefined,
    },
    stream: openSocket,
  };
}

/** Reads at once: what a later call reads is never older. @throws Error, with ENOENT where no database runs */
export function readLoopbackAddress(home: string): LoopbackAddress {
  const file = addressFile(home);
  const text = readFileSync(file, 'utf8');
  try {
    const { port, secret } = fileSchema.parse(JSON.parse(text));
    return { port, secret: Buffer.from(secret, 'base64') };
  } catch (cause) {
    throw new Error(`${file} is not the address of a database: restart the service`, { cause });
  }
}

function addressFile(home: string): string {
  return path.join(runtimeFolder(home), 'address.json');
}
