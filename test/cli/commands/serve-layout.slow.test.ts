import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { readConfig } from '../../../src/config.ts';
import { LayoutFile } from '../../../src/engine-layout/layout-file.ts';
import { describeMachine } from '../../../src/engine-layout/machine.ts';
import { readModel } from '../../../src/model/model.ts';
import { spawnService } from '../../support/service-process.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';

describe('a service whose layout was measured', () => {
  let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
  before(async () => {
    tiny = await makeTinyModel();
  });
  after(() => tiny.remove());

  it('starts the engines that were fastest', async () => {
    const environment = {
      PANELVEC_HOME: tiny.home,
      PANELVEC_MODELS: 'tiny',
      PANELVEC_PROVIDER: 'cpu',
      PANELVEC_THREADS: 'auto',
      LOG_LEVEL: 'info',
    };
    const machine = describeMachine(readConfig(environment), await readModel(tiny.folder));
    await new LayoutFile(tiny.home).save(machine, { engines: 3, threads: 1, decodeThreads: 1 }, 100);
    const { child, address, exited } = await spawnService(environment);
    try {
      const { engines } = (await (await fetch(new URL('/v1/status', address))).json()) as { engines: unknown[] };
      assert.deepEqual(
        engines,
        [0, 1, 2].map((index) => ({ device: 0, index, warm: true, provider: 'cpu', fallback: null })),
      );
    } finally {
      child.kill();
      await exited;
    }
  });
});
