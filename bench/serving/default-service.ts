import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Environment } from '../../src/config.ts';
import { runtimeFolder } from '../../src/database/runtime-folder.ts';
import { hasEnded, type JobState } from '../../src/jobs/job.ts';
import { ChildProcesses } from '../runner/child-processes.ts';
import { startService } from '../runner/service.ts';
import { TemporaryFolder } from '../runner/temporary-folder.ts';

const POLL_MS = 500;
const MAX_POLLS = 240;

export interface RunningService {
  readonly address: string;
  readonly pid: number;
}

/**
 * Starts the service as `npm start` does, with an empty home, and waits until it has indexed its example pages. Then it calls
 * `work`, and stops and removes everything.
 */
export async function withDefaultService<T>(
  work: (service: RunningService) => Promise<T>,
  settings: Environment = {},
): Promise<T> {
  using folder = new TemporaryFolder();
  const home = path.join(folder.path, 'home');
  using _runtimeFolder = new TemporaryFolder(runtimeFolder(home));
  mkdirSync(home);
  await using children = new ChildProcesses({
    ...process.env,
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'info',
    PANELVEC_HOME: home,
    // Empty for the embedded database, whatever the environment says.
    DATABASE_URL: '',
    ...settings,
  });
  const { address, child } = await startService(children);
  if (child.pid === undefined) throw new Error('the service has no process id');
  await waitForExamplePages(address);
  return await work({ address, pid: child.pid });
}

async function waitForExamplePages(address: string): Promise<void> {
  for (let poll = 0; poll < MAX_POLLS; poll++) {
    const response = await fetch(new URL('/v1/jobs', address));
    const { data } = (await response.json()) as { data: { state: JobState }[] };
    if (data.length > 0 && data.every(({ state }) => hasEnded(state))) return;
    await delay(POLL_MS);
  }
  throw new Error('the service has not indexed its example pages in time');
}
