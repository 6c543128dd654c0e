/** A worker that uses the engines of its parent, as the parent tells it to, and reports what comes of it. */
import { RemoteEngines } from '../../../src/jobs/worker/shared-engines.ts';

interface Command {
  /** Computes a panel whose pixels are the bytes of this name */
  readonly run?: string;
  readonly abort?: string;
  readonly ping?: string;
  readonly find?: string;
}

const engines = new RemoteEngines();
const controllers = new Map<string, AbortController>();

process.on('message', async ({ run, abort, ping, find }: Command) => {
  if (ping !== undefined) process.send?.({ name: ping });
  if (abort !== undefined) controllers.get(abort)?.abort();
  if (find !== undefined) process.send?.({ name: find, outcome: (await engines.find(find)) ?? 'none' });
  if (run === undefined) return;
  const controller = new AbortController();
  controllers.set(run, controller);
  const pixels = Uint8Array.from(Buffer.from(run));
  const item = { pixels, tokens: null, composition: null, outputs: ['vision'] } as const;
  const outcome = await engines.runBulk('tiny@1', item, controller.signal).then(
    (result) => ({ result }),
    (error: { code: string; message: string }) => ({ code: error.code, message: error.message }),
  );
  process.send?.({ name: run, outcome });
});
process.send?.({ name: 'started' });
