import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { panelvec, tiny } from '../tiny-command-line.ts';

describe('panelvec models', () => {
  it('lists the models of the home folder and the bundled ones', async () => {
    const { stdout, code } = await panelvec('models', 'list');
    assert.equal(code, 0);
    assert.match(stdout, /^compact@4\t512 dimensions\tspace [0-9a-f]{16}\t/m);
    assert.match(stdout, /^tiny@1\t16 dimensions/m);
  });

  it('verifies compact against its golden vectors', async () => {
    const { stdout, stderr, code } = await panelvec('models', 'verify', 'compact');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^compact@4 ok: 5 files, runs on cpu, 3 golden vectors, smallest cosine (1|0\.999)/);
  });

  it('fails for a changed file', async () => {
    const file = path.join(tiny.folder, 'text.onnx');
    const bytes = await readFile(file);
    await writeFile(file, Buffer.concat([bytes, Buffer.from('x')]));
    const { code, stderr } = await panelvec('models', 'verify', 'tiny');
    await writeFile(file, bytes);
    assert.equal(code, 1);
    assert.match(stderr, /^panelvec: .*text\.onnx has \d+ bytes/);
  });
});
