/** The program of a process that trains the first version. It ends with its parent. */
import { codeFile } from '../../process/code-file.ts';
import { bridgeToWorkerThread } from '../../process/worker-thread-bridge.ts';

bridgeToWorkerThread('panelvec-trainer', codeFile(import.meta, 'v1-trainer-worker'));
