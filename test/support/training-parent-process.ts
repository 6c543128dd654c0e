/** Process that starts a training process, and tells its parent, a test that kills it, about pid and steps. */
import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { trainInProcess } from '../../src/training/trainer-process/trainer-process.ts';
import type { TrainingPlan } from '../../src/training/training-plan.ts';
import { recordHooks } from './generated-training-set.ts';

export type ParentMessage = { readonly trainer: number } | { readonly step: number };

const send = (message: ParentMessage) => process.send?.(message);

subscribe('child_process', (message) => {
  // The pid is known once the process is spawned.
  const { process: child } = message as { process: ChildProcess };
  child.once('spawn', () => send({ trainer: child.pid! }));
});
process.once('message', (plan: TrainingPlan) =>
  trainInProcess(
    plan,
    recordHooks((step) => send({ step })),
  ),
);
