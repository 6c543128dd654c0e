import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { it } from 'node:test';
import { startLivenessServer } from '../../../src/http/liveness/liveness-server.ts';

it('answers while the event loop of the service is held, and says when it is stuck', async () => {
  const file = path.join(import.meta.dirname, '../../../src/http/liveness/liveness-server.ts');
  // Holds its event loop for twelve seconds as soon as it listens.
  const code = `import(${JSON.stringify(file)}).then(async ({ startLivenessServer }) => {
    const { port } = await startLivenessServer('127.0.0.1', 0);
    process.stdout.write(String(port), () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 12000));
    setInterval(() => {}, 1000);
  });`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [port] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    const ask = () => fetch(`http://127.0.0.1:${port}/health/live`);
    const live = await ask();
    assert.deepEqual([live.status, await live.json()], [200, { status: 'live' }]);
    const statuses = new Set<number>();
    for (let i = 0; i < 600 && !statuses.has(503); i++) {
      statuses.add((await ask()).status);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.deepEqual([...statuses], [200, 503]);
  } finally {
    child.kill('SIGKILL');
  }
});

it('names the setting where the port is taken', async () => {
  const first = await startLivenessServer('127.0.0.1', 0);
  try {
    await assert.rejects(startLivenessServer('127.0.0.1', first.port), {
      code: 'config_invalid',
      message: /PANELVEC_HEALTH_PORT=\d+: .*EADDRINUSE/,
    });
  } finally {
    await first.close();
  }
});
