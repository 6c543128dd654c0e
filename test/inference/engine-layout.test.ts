import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { candidateLayouts, isSameLayout, plainLayout, servingLayout } from '../../src/inference/engine-layout.ts';

describe('layouts of engines', () => {
  it('give a command one engine with every core', () => {
    assert.deepEqual(plainLayout(8, {}), { engines: 1, threads: 8, decodeThreads: 2 });
    assert.deepEqual(plainLayout(8, { engines: 3 }), { engines: 3, threads: 2, decodeThreads: 2 });
    assert.deepEqual(plainLayout(2, { engines: 5, decodeThreads: 3 }), { engines: 5, threads: 1, decodeThreads: 3 });
    assert.deepEqual(plainLayout(8, { threads: 3 }), { engines: 1, threads: 3, decodeThreads: 2 });
  });

  it('give a service as many engines as there are cores and memory for, four at most', () => {
    assert.deepEqual(servingLayout(1, 9), { engines: 1, threads: 1, decodeThreads: 1 });
    assert.deepEqual(servingLayout(2, 9), { engines: 2, threads: 1, decodeThreads: 2 });
    assert.deepEqual(servingLayout(2, 1), { engines: 1, threads: 2, decodeThreads: 2 });
    assert.deepEqual(servingLayout(3, 9), { engines: 2, threads: 1, decodeThreads: 3 });
    assert.deepEqual(servingLayout(32, 9), { engines: 4, threads: 8, decodeThreads: 4 });
  });

  it('that are measured have that of a service among them, none twice, and no more threads than cores', () => {
    for (const cores of [1, 2, 3, 4, 6, 8, 16]) {
      for (const maxEngines of [1, 2, 3, 64]) {
        const layouts = candidateLayouts(cores, maxEngines);
        assert.ok(layouts.some((layout) => isSameLayout(layout, servingLayout(cores, maxEngines))));
        assert.ok(layouts.length <= 5, `${layouts.length} layouts`);
        for (const [i, layout] of layouts.entries()) {
          assert.ok(layout.engines * layout.threads <= cores && layout.engines <= maxEngines);
          assert.equal(
            layouts.findIndex((other) => isSameLayout(layout, other)),
            i,
          );
        }
      }
    }
  });
});
