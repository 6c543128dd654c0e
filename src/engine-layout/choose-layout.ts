import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { type EngineLayout, servingLayout } from '../inference/engine-layout.ts';
import { findModel, modelRoots } from '../model/model-folders.ts';
import { elementAt } from '../util/arrays.ts';
import { LayoutFile } from './layout-file.ts';
import { describeMachine, maxEnginesFor } from './machine.ts';

export interface ChosenLayout extends EngineLayout {
  /** `settings`: of PANELVEC_ENGINES and PANELVEC_THREADS. `rule`: nothing was measured on a machine like this one. */
  readonly source: 'settings' | 'measured' | 'rule';
}

/**
 * The layout of a service: what its settings say, else what was measured for its first model on a machine like this one, else a
 * rule of thumb. Engines and threads belong together: where one of them is set, nothing is chosen for the other.
 * @throws PanelvecError where there is no such model
 */
export async function chooseLayout(config: Config, log: Logger): Promise<ChosenLayout> {
  const { fixedLayout, engines, threads, decodeThreads } = config;
  if (fixedLayout.engines !== undefined || fixedLayout.threads !== undefined)
    return { engines, threads, decodeThreads, source: 'settings' };
  const model = await findModel(elementAt(config.models, 0), modelRoots(config.home));
  const machine = describeMachine(config, model);
  const measured = await new LayoutFile(config.home).find(machine, (problem) =>
    log.warn({ problem }, 'the measured layouts cannot be read: they count as not measured'),
  );
  const layout = measured ?? servingLayout(machine.cores, await maxEnginesFor(model, config));
  return { ...layout, ...fixedLayout, source: measured === undefined ? 'rule' : 'measured' };
}
