import { pino } from 'pino';
import type { Config } from '../../config.ts';
import { measureBusyShare } from '../../engine-layout/busy-share.ts';
import { LayoutFile } from '../../engine-layout/layout-file.ts';
import { describeMachine, maxEnginesFor } from '../../engine-layout/machine.ts';
import { measureLayouts, pickLayout } from '../../engine-layout/measure-layout.ts';
import { candidateLayouts, type EngineLayout, isSameLayout } from '../../inference/engine-layout.ts';
import { findModel, modelRoots } from '../../model/model-folders.ts';
import { elementAt } from '../../util/arrays.ts';

/** A measurement counts only if the machine has nothing else to do before it and after it. */
const MAX_BUSY_SHARE = 0.2;
const IDLE_SAMPLE_MS = 1000;

/** Measures the layouts that suit this machine, prints their rates, and keeps the fastest for the next start of a service. */
export async function layoutCommand(config: Config): Promise<void> {
  const model = await findModel(elementAt(config.models, 0), modelRoots(config.home));
  const machine = describeMachine(config, model);
  process.stdout.write(`model ${model.id} on ${machine.cores} cores: ${machine.cpu}\n`);
  // What engines log at their start would stand between the lines of the table.
  const log = pino({ level: config.logLevel === 'info' ? 'warn' : config.logLevel }, pino.destination(2));
  const busyBefore = await measureBusyShare(IDLE_SAMPLE_MS);
  const rates = await measureLayouts(config, candidateLayouts(machine.cores, await maxEnginesFor(model, config)), log);
  for (const rate of rates)
    process.stdout.write(`${describeLayout(rate.layout)}: ${rate.panelsPerSecond.toFixed(1)} panels/s\n`);
  const busy = Math.max(busyBefore, await measureBusyShare(IDLE_SAMPLE_MS));
  if (busy > MAX_BUSY_SHARE) {
    // Where others take the cores, all layouts are as slow as each other.
    process.stdout.write(
      `${Math.round(100 * busy)} % of the cores did other work: nothing is chosen, measure again later\n`,
    );
    process.exitCode = 1;
    return;
  }
  const { layout, panelsPerSecond } = pickLayout(rates);
  const earlier = await new LayoutFile(config.home).find(machine, (problem) => log.warn(problem));
  await new LayoutFile(config.home).save(machine, layout, panelsPerSecond);
  const isNew = earlier === undefined || !isSameLayout(earlier, layout);
  process.stdout.write(
    `chosen: ${describeLayout(layout)}${isNew ? '; services have it from their next start on' : ''}\n`,
  );
}

function describeLayout({ engines, threads, decodeThreads }: EngineLayout): string {
  return `${count(engines, 'engine')} of ${count(threads, 'thread')}, ${count(decodeThreads, 'decoder')}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
