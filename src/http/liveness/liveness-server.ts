import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { firstLine, PanelvecError } from '../../errors.ts';
import { codeFile } from '../../process/code-file.ts';

const BEAT_INTERVAL_MS = 250;

/** What the thread gets. */
export interface LivenessData {
  /** When the event loop of the service ran last, in milliseconds since 1970 */
  readonly heartbeat: SharedArrayBuffer;
  readonly host: string;
  readonly port: number;
}

/** A server on a port and a thread of its own, which load does not reach. */
export interface LivenessServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Answers GET /health/live with 200 as long as the event loop of this thread runs. @throws PanelvecError config_invalid where it cannot listen */
export async function startLivenessServer(host: string, port: number): Promise<LivenessServer> {
  const heartbeat = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
  const beats = new BigInt64Array(heartbeat);
  const beat = () => void Atomics.store(beats, 0, BigInt(Date.now()));
  beat();
  const workerData: LivenessData = { heartbeat, host, port };
  const thread = new Worker(codeFile(import.meta, 'liveness-worker'), { workerData });
  let address: AddressInfo;
  try {
    [address] = (await once(thread, 'message')) as [AddressInfo];
  } catch (cause) {
    const message = `cannot listen with HOST=${host} and PANELVEC_HEALTH_PORT=${port}: ${firstLine(cause)}`;
    throw new PanelvecError('config_invalid', message, { cause });
  }
  thread.unref();
  const timer = setInterval(beat, BEAT_INTERVAL_MS).unref();
  return {
    port: address.port,
    close: async () => {
      clearInterval(timer);
      await thread.terminate();
    },
  };
}
