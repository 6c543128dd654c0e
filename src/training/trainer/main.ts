/** The process that trains. Without whoever started it, it ends before it could write over what a successor does. */
import path from 'node:path';
import { bridgeToWorkerThread } from '../../relay-to-thread.ts';

bridgeToWorkerThread('panelvec-trainer', path.join(import.meta.dirname, 'thread.ts'));
