/** The thread of a training process that trains: one training, then it has nothing more to do. */
import { parentPortEndpoint } from '../../process/endpoint.ts';
import { serveRpc } from '../../process/rpc.ts';
import { trainMethod } from './train-method.ts';
import type { TrainerMethods } from './trainer-messages.ts';

serveRpc<TrainerMethods>(parentPortEndpoint(), { train: trainMethod() });
