/** Trains in a process of its own, whose number it says; whoever started this one kills it. */
import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { trainInProcess } from '../../src/training/trainer/trainer-process.ts';
import type { TrainingPlan } from '../../src/training/training-plan.ts';
import { listen } from './training-set.ts';

export type FromParent = { readonly trainer: number } | { readonly step: number };

const say = (message: FromParent) => process.send!(message);

subscribe('child_process', (message) => {
  // Its number is known once it is spawned.
  const { process: child } = message as { process: ChildProcess };
  child.once('spawn', () => say({ trainer: child.pid! }));
});
process.once('message', (plan: TrainingPlan) =>
  trainInProcess(
    plan,
    listen((step) => say({ step })),
  ),
);
