/** The thread of a training process that trains the first version. */
import { parentPortEndpoint } from '../../process/endpoint.ts';
import { serveRpc } from '../../process/rpc.ts';
import { trainMethod } from '../../training/trainer-process/train-method.ts';
import type { TrainerMethods } from '../../training/trainer-process/trainer-messages.ts';
import { V1_HEAD } from './v1-head.ts';

serveRpc<TrainerMethods>(parentPortEndpoint(), { train: trainMethod(V1_HEAD) });
