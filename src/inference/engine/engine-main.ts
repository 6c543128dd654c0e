/**
 * The program of an engine process. It is a process of its own because it can be killed without harm. Its main thread
 * receives the megabytes of the next batch while its worker thread runs one.
 */
import path from 'node:path';
import { bridgeToWorkerThread } from '../../process/worker-thread-bridge.ts';

bridgeToWorkerThread('panelvec-engine', path.join(import.meta.dirname, 'engine-worker.ts'));
