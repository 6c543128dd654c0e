import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { it } from 'node:test';
import { PANELVEC_BIN } from '../support/run-panelvec.ts';

it('ends without a word where the reader of its output has gone, as `panelvec models list | head -0` does', async () => {
  const child = spawn(process.execPath, [PANELVEC_BIN, 'models', 'list'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  assert.equal(stderr, '');
  assert.equal(code, 141);
});
