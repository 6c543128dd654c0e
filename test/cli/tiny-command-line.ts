/** The command line in the home folder of the tiny model, for the tests of one file. */
import { after, before } from 'node:test';
import { type CommandResult, runPanelvec } from '../support/run-panelvec.ts';
import { makeTinyModel } from '../support/tiny-model.ts';

export let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
before(async () => {
  tiny = await makeTinyModel();
});
after(() => tiny.remove());

export function panelvec(...args: readonly string[]): Promise<CommandResult> {
  return runPanelvec(args, { PANELVEC_HOME: tiny.home, PANELVEC_MODELS: 'tiny' }, tiny.home);
}
