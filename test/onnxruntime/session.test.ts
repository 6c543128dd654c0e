import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { toOnnxModel } from '../../src/graph/emit/emit.ts';
import { MAX_INLINE_WEIGHT_BYTES } from '../../src/graph/emit/external-data.ts';
import { Gather } from '../../src/graph/ops/operators.ts';
import { input, parameter } from '../../src/graph/value.ts';
import { createSession, ort } from '../../src/onnxruntime/session.ts';

const WIDTH = 1024;
const ROWS = MAX_INLINE_WEIGHT_BYTES / 4 / WIDTH;

describe('a session with weights that are too large for the graph', () => {
  it('reads them from a file, removes the file, and removes what a killed process left', async () => {
    const staleFolder = path.join(tmpdir(), `panelvec-weights@${hostname()}-${spawnSync('true').pid}.abcdef`);
    await mkdir(staleFolder, { recursive: true });
    const values = new Float32Array(ROWS * WIDTH);
    values[(ROWS - 1) * WIDTH] = 7;
    const table = parameter('table', 'float32', [ROWS, WIDTH], new Uint8Array(values.buffer));
    const rows = Gather(table, input('row', 'int64', ['n']), 0);
    const model = toOnnxModel({ name: 'heavy', outputs: { rows } });
    const session = await createSession(model, { provider: 'cpu', device: 0, threads: 1 });
    const ownFolders = (await readdir(tmpdir())).filter((name) =>
      name.startsWith(`panelvec-weights@${hostname()}-${process.pid}.`),
    );
    assert.deepEqual([ownFolders, existsSync(staleFolder)], [[], false]);
    const outputs = await session.run({ row: new ort.Tensor('int64', BigInt64Array.of(BigInt(ROWS - 1)), [1]) });
    assert.equal((outputs['rows']!.data as Float32Array)[0], 7);
    await session.release();
  });
});
