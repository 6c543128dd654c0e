/** A worker that uses the engines of its parent, as the parent tells it to, and reports what comes of it. */
import { RemoteEngines } from '../../../src/jobs/worker/shared-engines.ts';

const engines = await RemoteEngines.connect();
const controllers = new Map<string, AbortController>();

process.on('message', async ({ run, abort, ping }: { run?: string; abort?: string; ping?: string }) => {
  if (ping !== undefined) process.send?.({ name: ping });
  if (abort !== undefined) controllers.get(abort)?.abort();
  if (run === undefined) return;
  const controller = new AbortController();
  controllers.set(run, controller);
  const item = { pixels: Uint8Array.of(1, 2, 3), tokens: null, composition: null, outputs: ['vision'] } as const;
  const outcome = await engines.runBulk(run, item, controller.signal).then(
    (result) => ({ result }),
    (error: { code: string; message: string }) => ({ code: error.code, message: error.message }),
  );
  process.send?.({ name: run, outcome });
});
process.send?.({ models: engines.models });
