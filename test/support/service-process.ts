import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

export const MAIN_FILE = path.join(import.meta.dirname, '../../src/main.ts');

export interface ServiceProcess {
  readonly child: ChildProcess;
  readonly address: string;
  /** Exit code and signal, once it has ended */
  readonly exited: Promise<[number | null, NodeJS.Signals | null]>;
}

/** `panelvec serve` as an operator runs it, ready to be asked. */
export async function spawnService(environment: Record<string, string>): Promise<ServiceProcess> {
  const child = spawn(process.execPath, [MAIN_FILE, 'serve'], {
    env: {
      ...process.env,
      PORT: '0',
      PANELVEC_PROVIDER: 'cpu',
      PANELVEC_THREADS: '1',
      PANELVEC_JOBS: 'off',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  for await (const line of createInterface({ input: child.stdout! })) {
    const address = /ready at (http:\S+),/.exec(JSON.parse(line).msg)?.[1];
    if (address === undefined) continue;
    child.stdout!.resume();
    return { child, address, exited };
  }
  throw new Error('the service ended before it was ready');
}
