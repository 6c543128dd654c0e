import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { PanelvecError } from '../errors.ts';
import { type RunningService, serve } from '../http/server.ts';
import type { EngineLayout } from '../inference/engine-layout.ts';
import { codeFile } from '../process/code-file.ts';
import { workerEndpoint } from '../process/endpoint.ts';
import { RpcClient } from '../process/rpc.ts';
import { elementAt, median } from '../util/arrays.ts';
import type { LoadMethods } from './load-thread.ts';

const CALLERS = 16;
const WINDOW_MS = 600;
const ROUNDS = 5;
/** A faster layout that is not faster by more is not worth the memory of more engines. */
const TOLERANCE = 0.05;

export interface LayoutRate {
  readonly layout: EngineLayout;
  /** Pictures that were asked for one by one */
  readonly panelsPerSecond: number;
}

/**
 * Measures a service with each layout, from the request to the response: what answers requests needs cores, too. All services run at
 * the same time and are asked in turn, so that what else the machine does slows down all of them.
 * @throws PanelvecError where one of them does not start
 */
export async function measureLayouts(
  config: Config,
  layouts: readonly EngineLayout[],
  log: Logger,
): Promise<LayoutRate[]> {
  const thread = new Worker(codeFile(import.meta, 'load-thread'));
  const load = new RpcClient<LoadMethods>(
    workerEndpoint(thread),
    (reason) => new PanelvecError('internal', `the thread that measures ended (${reason})`),
  );
  const services: RunningService[] = [];
  try {
    for (const layout of layouts) services.push(await serve(measuredService(config, layout), log));
    // The first requests of a process are slower than any other.
    for (const service of services) await measureService(service, load);
    const rounds: number[][] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const rates: number[] = [];
      for (const service of services) rates.push(await measureService(service, load));
      rounds.push(rates);
    }
    return layouts.map((layout, i) => ({
      layout,
      panelsPerSecond: median(rounds.map((rates) => elementAt(rates, i))),
    }));
  } finally {
    await Promise.all(services.map(({ close }) => close()));
    await thread.terminate();
  }
}

/** The layout with the fewest engines among those that are nearly as fast as the fastest. */
export function pickLayout(rates: readonly LayoutRate[]): LayoutRate {
  const fastest = Math.max(...rates.map(({ panelsPerSecond }) => panelsPerSecond));
  const near = rates.filter(({ panelsPerSecond }) => panelsPerSecond >= (1 - TOLERANCE) * fastest);
  return elementAt(
    near.toSorted((a, b) => a.layout.engines - b.layout.engines || b.panelsPerSecond - a.panelsPerSecond),
    0,
  );
}

function measureService({ address, services }: RunningService, load: RpcClient<LoadMethods>): Promise<number> {
  const { id } = elementAt(services.models.all, 0);
  return load.request('measure', { address, model: id, callers: CALLERS, windowMs: WINDOW_MS });
}

/** A service of one model that nobody else finds, with nothing that takes time beside the pictures. */
function measuredService(config: Config, layout: EngineLayout): Config {
  return {
    ...config,
    ...layout,
    host: '127.0.0.1',
    port: 0,
    allowAnonymous: '1',
    models: config.models.slice(0, 1),
    modelAliases: [],
    featuresMemoryBytes: 0,
    // A slow model may take longer for its callers than a client would wait.
    maxWaitSeconds: config.queueTimeoutSeconds,
    jobs: 'off',
    search: 'off',
    exampleCollection: 'off',
  };
}
