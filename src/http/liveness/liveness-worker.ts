/** The thread that answers whether the service is alive, also while the event loop of the service is busy with thousands of requests. */
import { createServer } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import type { LivenessData } from './liveness-server.ts';

/** An event loop that has not run a timer for so long does not come back. The largest requests hold it for a second. */
const MAX_SILENCE_MS = 10_000;

const { heartbeat, host, port } = workerData as LivenessData;
const beats = new BigInt64Array(heartbeat);

const server = createServer((request, response) => {
  const silenceMs = Date.now() - Number(Atomics.load(beats, 0));
  const isLive = silenceMs <= MAX_SILENCE_MS;
  const isKnown = request.url === '/health/live';
  response.writeHead(isKnown ? (isLive ? 200 : 503) : 404, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify({ status: isKnown ? (isLive ? 'live' : 'stuck') : 'unknown' }));
  request.resume();
});
server.once('error', (error) => {
  throw error;
});
server.listen(port, host, () => parentPort?.postMessage(server.address()));
