/** The program of a training process. It ends with its parent, so it cannot overwrite what the next training writes. */
import { codeFile } from '../../process/code-file.ts';
import { bridgeToWorkerThread } from '../../process/worker-thread-bridge.ts';

bridgeToWorkerThread('panelvec-trainer', codeFile(import.meta, 'trainer-worker'));
