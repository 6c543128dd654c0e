import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { JobAnswer } from '../../src/http/jobs/job-schemas.ts';
import { hasEnded } from '../../src/jobs/job.ts';
import type { Corpus } from './corpus.ts';
import { type ServiceProcess, spawnService } from './service-process.ts';
import { waitFor } from './wait.ts';

const JOB_MS = 120_000;

/** A service that takes jobs, as an operator runs it, over one corpus and one home. */
export interface JobService extends ServiceProcess {
  submit(spec: object, key?: string): Promise<JobAnswer>;
  get(id: string): Promise<JobAnswer>;
  /** The job when it has ended, however it did */
  end(id: string): Promise<JobAnswer>;
  /** Processes of this service with a title such as panelvec-worker */
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
  const get = async (id: string) => (await fetch(`${service.address}/v1/jobs/${id}`)).json() as Promise<JobAnswer>;
  return {
    ...service,
    get,
    async submit(spec, key) {
      const answer = await fetch(`${service.address}/v1/jobs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) },
        body: JSON.stringify(spec),
      });
      const body = await answer.json();
      if (!answer.ok) throw new Error(`${answer.status}: ${JSON.stringify(body)}`);
      return body as JobAnswer;
    },
    end: (id) =>
      waitFor(
        `job ${id} to end`,
        async () => {
          const job = await get(id);
          return hasEnded(job.state) ? job : undefined;
        },
        JOB_MS,
      ),
    pids: (title) => childrenOf(service.child.pid!, title),
    async stop() {
      service.child.kill('SIGTERM');
      await service.ended;
    },
  };
}

export function childrenOf(parent: number, title: string): number[] {
  try {
    const lines = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(parent)], { encoding: 'utf8' }).trim();
    return lines
      .split('\n')
      .filter((line) => line.includes(title))
      .map((line) => Number.parseInt(line, 10));
  } catch {
    // ps fails where there is no such process.
    return [];
  }
}

/** Every file below a folder, by its path, with a hash of its bytes. */
export async function hashesOf(folder: string): Promise<Record<string, string>> {
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
