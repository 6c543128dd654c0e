import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { measureLayouts, pickLayout } from '../../src/engine-layout/measure-layout.ts';
import { createTestConfig, silentLogger } from '../support/in-process-service.ts';
import { makeTinyModel } from '../support/tiny-model.ts';

describe('the measurement of layouts', () => {
  let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
  before(async () => {
    tiny = await makeTinyModel();
  });
  after(() => tiny.remove());

  it('gives each layout a rate', async () => {
    const config = createTestConfig({ PANELVEC_HOME: tiny.home, PANELVEC_MODELS: 'tiny' });
    const layouts = [
      { engines: 1, threads: 1, decodeThreads: 1 },
      { engines: 2, threads: 1, decodeThreads: 2 },
    ];
    const rates = await measureLayouts(config, layouts, silentLogger);
    assert.deepEqual(
      rates.map(({ layout }) => layout),
      layouts,
    );
    for (const { panelsPerSecond } of rates) assert.ok(panelsPerSecond > 1, `${panelsPerSecond} panels/s`);
  });

  it('tells why a service did not start', async () => {
    const config = createTestConfig({
      PANELVEC_HOME: tiny.home,
      PANELVEC_MODELS: 'tiny',
      PANELVEC_START_TIMEOUT_SECONDS: '0.001',
    });
    const measure = measureLayouts(config, [{ engines: 1, threads: 1, decodeThreads: 1 }], silentLogger);
    await assert.rejects(measure, { code: 'engine_unavailable' });
  });

  it('picks the fewest engines among the layouts that are nearly as fast as the fastest', () => {
    const rate = (engines: number, panelsPerSecond: number) => ({
      layout: { engines, threads: 1, decodeThreads: 1 },
      panelsPerSecond,
    });
    assert.equal(pickLayout([rate(1, 90), rate(2, 96), rate(4, 100)]).layout.engines, 2);
    assert.equal(pickLayout([rate(2, 100), rate(1, 99)]).layout.engines, 1);
    assert.equal(pickLayout([rate(1, 70), rate(2, 100)]).layout.engines, 2);
  });
});
