import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { JobResponse } from '../../src/http/routes/jobs/job-schemas.ts';
import { hasEnded } from '../../src/jobs/job.ts';
import type { Corpus } from './make-corpus.ts';
import { type ServiceProcess, spawnService } from './service-process.ts';
import { waitFor } from './wait-for.ts';

const JOB_TIMEOUT_MS = 120_000;

/** A service with jobs in a process of its own, over one corpus and one home. */
export interface JobService extends ServiceProcess {
  submit(spec: object, idempotencyKey?: string): Promise<JobResponse>;
  get(id: string): Promise<JobResponse>;
  /** Waits until the job has ended in any state. */
  waitForEnd(id: string): Promise<JobResponse>;
  /** Finds child processes of the service by title, such as panelvec-worker. */
  pids(title: string): number[];
  stop(): Promise<void>;
}

export async function startJobService(
  home: string,
  { folder }: Pick<Corpus, 'folder'>,
  environment: Record<string, string> = {},
): Promise<JobService> {
  const service = await spawnService({
    PANELVEC_HOME: home,
    PANELVEC_MODELS: 'tiny',
    PANELVEC_JOBS: 'on',
    PANELVEC_DATA_ROOTS: folder,
    LOG_LEVEL: 'info',
    ...environment,
  });
  const get = async (id: string) => (await fetch(`${service.address}/v1/jobs/${id}`)).json() as Promise<JobResponse>;
  return {
    ...service,
    get,
    async submit(spec, idempotencyKey) {
      const response = await fetch(`${service.address}/v1/jobs`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        },
        body: JSON.stringify(spec),
      });
      const body = await response.json();
      if (!response.ok) throw new Error(`${response.status}: ${JSON.stringify(body)}`);
      return body as JobResponse;
    },
    waitForEnd: (id) =>
      waitFor(
        `job ${id} to end`,
        async () => {
          const job = await get(id);
          return hasEnded(job.state) ? job : undefined;
        },
        JOB_TIMEOUT_MS,
      ),
    pids: (title) => findChildPids(service.child.pid!, title),
    async stop() {
      service.child.kill('SIGTERM');
      await service.exited;
    },
  };
}

export function findChildPids(parent: number, title: string): number[] {
  try {
    const lines = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(parent)], { encoding: 'utf8' }).trim();
    return lines
      .split('\n')
      .filter((line) => line.includes(title))
      .map((line) => Number.parseInt(line, 10));
  } catch {
    // ps fails if there is no such process.
    return [];
  }
}

/** Hashes every file below a folder. Resolves with the hashes by relative path. */
export async function hashFiles(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const hashes = await Promise.all(
    files.sort().map(async (file) => {
      const hash = createHash('sha256').update(await readFile(file));
      return [path.relative(folder, file), hash.digest('hex')] as const;
    }),
  );
  return Object.fromEntries(hashes);
}
