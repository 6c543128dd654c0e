import type { ChildProcess } from 'node:child_process';
import type { Environment } from '../../src/config.ts';
import { MAIN_FILE, readReadyAddress } from '../../test/support/service-process.ts';
import type { ChildProcesses } from './child-processes.ts';

/**
 * Settings of a service without jobs, and of a raw loop beside it, on the CPU.
 * @param threads of its one engine; engines and threads that the service chooses if it is left out
 */
export function serviceEnvironment(threads?: number): Environment {
  return {
    ...process.env,
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'info',
    PANELVEC_PROVIDER: 'cpu',
    PANELVEC_JOBS: 'off',
    ...(threads !== undefined && { PANELVEC_ENGINES: '1', PANELVEC_THREADS: String(threads) }),
  };
}

/** Starts the service as a user does. Resolves when it is ready. */
export async function startService(children: ChildProcesses): Promise<{ child: ChildProcess; address: string }> {
  const { child, stdout } = children.spawn(process.execPath, [MAIN_FILE, 'serve']);
  return { child, address: await readReadyAddress(stdout) };
}

const EVENT_LOOP_P99 = 'panelvec_event_loop_delay_seconds{percentile="99"}';

/** 99th percentile of a server's event loop delay since the last call: reading the figure resets it. */
export async function readEventLoopP99Ms(address: string): Promise<number> {
  const line = (await readMetrics(address)).split('\n').find((sample) => sample.startsWith(`${EVENT_LOOP_P99} `));
  if (line === undefined) throw new Error(`${address}/metrics has no ${EVENT_LOOP_P99}`);
  return Number(line.slice(EVENT_LOOP_P99.length)) * 1000;
}

const COMPUTED_PANELS = /^panelvec_batch_items_sum (\S+)$/gm;
const REQUESTED_PANELS = /^panelvec_items_total\{[^}]*\} (\S+)$/gm;

/**
 * Panels that a service has computed for jobs so far: those of all inference runs less those of all requests. Panels in
 * flight make it wrong by a batch at most.
 */
export async function readJobPanels(address: string): Promise<number> {
  const text = await readMetrics(address);
  const sum = (samples: RegExp) => [...text.matchAll(samples)].reduce((total, [, value]) => total + Number(value), 0);
  return sum(COMPUTED_PANELS) - sum(REQUESTED_PANELS);
}

async function readMetrics(address: string): Promise<string> {
  return (await fetch(new URL('/metrics', address))).text();
}
