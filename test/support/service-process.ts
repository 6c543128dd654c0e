import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export const MAIN_FILE = path.join(import.meta.dirname, '../../src/main.ts');

export interface ServiceProcess {
  readonly child: ChildProcess;
  readonly address: string;
  /** Resolves with exit code and signal when the service has ended. */
  readonly exited: Promise<[number | null, NodeJS.Signals | null]>;
}

/** Starts `panelvec serve` in a process of its own. Resolves when it is ready. @param mainFile the program, if not that of the sources */
export async function spawnService(environment: Record<string, string>, mainFile = MAIN_FILE): Promise<ServiceProcess> {
  const child = spawn(process.execPath, [mainFile, 'serve'], {
    env: {
      ...process.env,
      PORT: '0',
      PANELVEC_PROVIDER: 'cpu',
      PANELVEC_THREADS: '1',
      PANELVEC_JOBS: 'off',
      PANELVEC_SEARCH: 'off',
      PANELVEC_EXAMPLE_COLLECTION: 'off',
      // A busy machine must not decide which requests are refused.
      PANELVEC_MAX_WAIT_SECONDS: '600',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  return { child, address: await readReadyAddress(child.stdout), exited };
}

/** Reads the log of a service until it is ready. Resolves with its address. @throws Error if the service ends before that */
export async function readReadyAddress(stdout: Readable): Promise<string> {
  let lastLine = '';
  for await (const line of createInterface(stdout)) {
    lastLine = line;
    const address = /^ready at (http:\S+),/.exec(JSON.parse(line).msg)?.[1];
    if (address === undefined) continue;
    // Later log lines must not fill the pipe.
    stdout.resume();
    return address;
  }
  throw new Error(`the service ended before it was ready, after this line of its log: ${lastLine}`);
}
