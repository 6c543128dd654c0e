import type { RpcHandlers } from '../../process/rpc.ts';
import type { HeadArchitecture } from '../graphs/head-architecture.ts';
import { train } from '../train.ts';
import type { TrainingHooks } from '../training-hooks.ts';
import type { TrainerMethods } from './trainer-messages.ts';

/** What a training process answers `train` with. @param architecture the served head by default */
export function trainMethod(architecture?: HeadArchitecture): RpcHandlers<TrainerMethods>['train'] {
  return (plan, { signal, emit }) => {
    const hooks: TrainingHooks = {
      signal,
      onStart: () => emit({ type: 'started' }),
      onProgress: (done, total, detail) => emit({ type: 'progress', done, total, detail }),
      onRecord: (record) => emit({ type: 'record', record }),
      onWarning: (message) => emit({ type: 'warning', message }),
    };
    return train(plan, hooks, architecture);
  };
}
