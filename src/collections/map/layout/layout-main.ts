/** The program of a layout process: UMAP takes a minute, and a worker must stay responsive. */
import { codeFile } from '../../../process/code-file.ts';
import { bridgeToWorkerThread } from '../../../process/worker-thread-bridge.ts';

bridgeToWorkerThread('panelvec-map', codeFile(import.meta, 'layout-worker'));
