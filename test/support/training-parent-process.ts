/** Trains in a process of its own, whose number it says; whoever started this one kills it. */
import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { trainInProcess } from '../../src/training/trainer-process/trainer-process.ts';
import type { TrainingPlan } from '../../src/training/training-plan.ts';
import { recordHooks } from './generated-training-set.ts';

export type ParentMessage = { readonly trainer: number } | { readonly step: number };

const send = (message: ParentMessage) => process.send!(message);

subscribe('child_process', (message) => {
  // Its number is known once it is spawned.
  const { process: child } = message as { process: ChildProcess };
  child.once('spawn', () => send({ trainer: child.pid! }));
});
process.once('message', (plan: TrainingPlan) =>
  trainInProcess(
    plan,
    recordHooks((step) => send({ step })),
  ),
);
