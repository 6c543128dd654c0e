/** The program of an evaluation process: vectors and measures take long, and a worker must stay responsive. */
import { codeFile } from '../../process/code-file.ts';
import { bridgeToWorkerThread } from '../../process/worker-thread-bridge.ts';

bridgeToWorkerThread('panelvec-evaluator', codeFile(import.meta, 'evaluator-worker'));
