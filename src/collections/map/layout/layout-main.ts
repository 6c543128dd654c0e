/** The program of a layout process: UMAP takes a minute, and a worker must stay responsive. */
import path from 'node:path';
import { bridgeToWorkerThread } from '../../../process/worker-thread-bridge.ts';

bridgeToWorkerThread('panelvec-map', path.join(import.meta.dirname, 'layout-worker.ts'));
