/**
 * The program of an engine process. It is a process of its own because it can be killed without harm. Its main thread
 * receives the next batch while its worker thread runs one.
 */
import { codeFile } from '../../process/code-file.ts';
import { bridgeToWorkerThread } from '../../process/worker-thread-bridge.ts';

bridgeToWorkerThread('panelvec-engine', codeFile(import.meta, 'engine-worker'));
