import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { compileKernels } from '../../../scripts/build-kernels.ts';

it('kernels.wasm is the compiled kernels.wat: else run npm run build:kernels', async () => {
  const committed = await readFile(new URL('../../../src/training/optimizer/kernels.wasm', import.meta.url));
  assert.ok(committed.equals(await compileKernels()));
});
