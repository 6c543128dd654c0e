/** The thread of a training process that trains: one training, then it has nothing more to do. */
import { parentPortEndpoint } from '../../process/endpoint.ts';
import { serveRpc } from '../../process/rpc.ts';
import { train } from '../train.ts';
import type { TrainerMethods } from './trainer-messages.ts';

serveRpc<TrainerMethods>(parentPortEndpoint(), {
  train: (plan, { signal, emit }) =>
    train(plan, {
      signal,
      onStart: () => emit({ type: 'started' }),
      onProgress: (done, total, detail) => emit({ type: 'progress', done, total, detail }),
      onRecord: (record) => emit({ type: 'record', record }),
      onWarning: (message) => emit({ type: 'warning', message }),
    }),
});
