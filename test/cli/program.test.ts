import assert from 'node:assert/strict';
import { it } from 'node:test';
import { runPanelvec } from '../support/run-panelvec.ts';

it('--help ends with 0 and names all commands and settings', async () => {
  const { stdout, code } = await runPanelvec(['--help'], {});
  assert.equal(code, 0);
  for (const command of ['serve', 'health', 'embed', 'models']) assert.match(stdout, new RegExp(`^  ${command}`, 'm'));
  const serve = await runPanelvec(['serve', '--help'], {});
  assert.equal(serve.code, 0);
  assert.match(serve.stdout, /--max-image-pixels <value>.*PANELVEC_MAX_IMAGE_PIXELS/s);
});
