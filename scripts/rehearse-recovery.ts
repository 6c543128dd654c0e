/**
 * Rehearses what docs/operating.md says of backups and lost workers, with real processes, `compact` and PostgreSQL. Each job is disturbed
 * midway, and must leave the store that an undisturbed one leaves. The second argument is the folder with PostgreSQL 18's pg_dump:
 * node scripts/rehearse-recovery.ts PAGES FOLDER [REHEARSAL…]
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { makeExamplePage } from '../bench/jobs/example-corpus.ts';
import { TemporaryFolder } from '../bench/runner/temporary-folder.ts';
import { EXAMPLES_FOLDER } from '../src/example-pages.ts';
import { hasEnded } from '../src/jobs/job.ts';
import { startPostgres } from '../test/support/databases.ts';
import { type JobService, startJobService } from '../test/support/job-service-process.ts';
import { MAIN_FILE } from '../test/support/service-process.ts';
import { writeCorpus } from '../test/support/write-corpus.ts';

const POLL_MS = 100;
const DATABASE = 'rehearsal';
/** Further pages repeat these, so that their features are cached and a rehearsal takes a minute or two. */
const DISTINCT_PAGES = 20;

const [pagesText = '', postgresTools = '', ...chosen] = process.argv.slice(2);
const pages = Number(pagesText);
const folder = new TemporaryFolder();
const corpusFolder = new TemporaryFolder();
/** All that were started: none outlives the rehearsal. */
const startedWorkers = new Set<ChildProcess>();
process.once('exit', () => {
  for (const worker of startedWorkers) void signal(worker, 'SIGKILL');
});
const dataset = await writeCorpus(corpusFolder.path, pages, (page) => makeExamplePage(page % DISTINCT_PAGES));
const roots = `${corpusFolder.path},${EXAMPLES_FOLDER}`;
const home = path.join(folder.path, 'home');
const tarFile = path.join(folder.path, 'home.tar');
const dumpFile = path.join(folder.path, 'database.dump');
const server = await startPostgres({ hasPgvector: true });
const administration = new pg.Client({ connectionString: server.url });
await administration.connect();
const serverUrl = String(new URL(`/${DATABASE}`, server.url));

const rehearsals: Record<string, () => Promise<void>> = {
  undisturbed: () => withJob(serverUrl, 1, async () => {}),
  'dump-then-files': () => withJob(serverUrl, 1, (job) => restoreServer(job, [dump, pack])),
  'files-then-dump': () => withJob(serverUrl, 1, (job) => restoreServer(job, [pack, dump])),
  embedded: () => withJob('', 0, restoreEmbedded),
  'killed-worker': () => withJob(serverUrl, 2, (job) => loseWorker(job, 'SIGKILL')),
  'stopped-worker': () => withJob(serverUrl, 2, (job) => loseWorker(job, 'SIGSTOP')),
};

let expectedStore: string | undefined;
try {
  const unknownName = chosen.find((name) => !Object.hasOwn(rehearsals, name));
  if (unknownName !== undefined)
    throw new Error(`no rehearsal is called ${unknownName}, only ${Object.keys(rehearsals).join(', ')}`);
  for (const name of ['undisturbed', ...(chosen.length > 0 ? chosen : Object.keys(rehearsals).slice(1))]) {
    console.log(`\n${name}, ${pages} pages`);
    await rehearsals[name]?.();
  }
} finally {
  await administration.end();
  await server.stop();
}

interface RunningJob {
  readonly id: string;
  service: JobService;
  workers: ChildProcess[];
}

/** Runs the job in an empty home and database, and compares its store at the end. @param url '' for the embedded database */
async function withJob(url: string, workers: number, disturb: (job: RunningJob) => Promise<void>): Promise<void> {
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home);
  await makeDatabase();
  const service = await startService(url);
  const started = performance.now();
  const { id } = await service.submit({ type: 'embed', output: 'pages', dataset, model: 'compact' });
  const job = { id, service, workers: Array.from({ length: workers }, startWorker) };
  await disturb(job);
  const ended = await poll(async () => {
    const view = await job.service.get(id);
    return hasEnded(view.state) ? view : undefined;
  });
  const { state, attempts, error } = ended;
  say(`job ${state} ${seconds(started)} after its submission, attempts ${attempts} ${error?.message ?? ''}`);
  for (const worker of job.workers) await signal(worker, 'SIGTERM');
  await job.service.stop();
  if (state !== 'succeeded') return;
  const store = hashStore();
  expectedStore ??= store;
  assert.equal(store, expectedStore, 'the store is another one');
  say(`store equal to that of the undisturbed job: ${store.slice(0, 12)}`);
}

function startService(url: string): Promise<JobService> {
  const settings = { DATABASE_URL: url, PANELVEC_WORKERS: url === '' ? '1' : '0', PANELVEC_MODELS: 'compact' };
  return startJobService(home, { folder: roots }, settings);
}

/** A worker as on a machine of its own: in a process group with its engine. */
function startWorker(): ChildProcess {
  const worker = spawn(process.execPath, [MAIN_FILE, 'worker'], {
    detached: true,
    env: {
      ...process.env,
      DATABASE_URL: serverUrl,
      PANELVEC_HOME: home,
      PANELVEC_MODELS: 'compact',
      PANELVEC_PROVIDER: 'cpu',
      PANELVEC_THREADS: '1',
      PANELVEC_DATA_ROOTS: roots,
      LOG_LEVEL: 'silent',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  startedWorkers.add(worker);
  return worker;
}

async function signal(worker: ChildProcess, name: NodeJS.Signals): Promise<void> {
  if (worker.pid === undefined || worker.exitCode !== null || worker.signalCode !== null) return;
  const exited = once(worker, 'exit');
  process.kill(-worker.pid, name);
  if (name !== 'SIGSTOP' && name !== 'SIGCONT') await exited;
}

async function restoreServer(job: RunningJob, backup: readonly (() => void)[]): Promise<void> {
  await waitForProgress(job, 0.3);
  for (const step of backup) {
    say(`${await progressOf(job)} pages done`);
    step();
    // The job must go on between the steps, or their order would not matter.
    await waitForProgress(job, (await progressOf(job)) / pages + 0.1);
  }
  for (const worker of job.workers) await signal(worker, 'SIGKILL');
  job.service.child.kill('SIGKILL');
  await job.service.exited;
  rmSync(home, { recursive: true });
  await makeDatabase();
  const started = performance.now();
  execFileSync(path.join(postgresTools, 'pg_restore'), ['--dbname', serverUrl, dumpFile], { stdio: 'inherit' });
  unpack();
  say(`restored in ${seconds(started)}`);
  job.service = await startService(serverUrl);
  job.workers = [startWorker()];
  say(`the job has ${await progressOf(job)} pages ${seconds(started)} after the begin of the restore`);
}

async function restoreEmbedded(job: RunningJob): Promise<void> {
  await waitForProgress(job, 0.4);
  const stopped = performance.now();
  await job.service.stop();
  say(`stopped in ${seconds(stopped)}`);
  pack();
  rmSync(home, { recursive: true });
  const started = performance.now();
  unpack();
  job.service = await startService('');
  say(`restored and ready in ${seconds(started)}; ${await progressOf(job)} pages done`);
}

function dump(): void {
  const started = performance.now();
  const args = ['--format', 'custom', '--file', dumpFile, serverUrl];
  execFileSync(path.join(postgresTools, 'pg_dump'), args, { stdio: 'inherit' });
  say(`pg_dump: ${statSync(dumpFile).size} bytes in ${seconds(started)}`);
}

function pack(): void {
  const started = performance.now();
  const { status, stderr } = spawnSync('tar', ['-cf', tarFile, '--exclude', './features', '-C', home, '.'], {
    encoding: 'utf8',
  });
  say(`tar: ${statSync(tarFile).size} bytes in ${seconds(started)}, exit code ${status} ${stderr.trim()}`);
}

function unpack(): void {
  mkdirSync(home);
  execFileSync('tar', ['-xf', tarFile, '-C', home]);
}

async function loseWorker(job: RunningJob, how: 'SIGKILL' | 'SIGSTOP'): Promise<void> {
  await waitForProgress(job, 0.3);
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  const [lost] = job.workers;
  if (lost === undefined) return;
  const findTasks = async () => {
    const sql = `SELECT id FROM panelvec.tasks WHERE state = 'running' AND worker LIKE $1`;
    return (await client.query(sql, [`%:${lost.pid}:%`])).rows.length;
  };
  const tasks = await poll(findTasks);
  await signal(lost, how);
  const started = performance.now();
  say(`${how}: the worker had ${tasks} tasks, ${await progressOf(job)} pages done`);
  let left = tasks;
  await poll(async () => {
    const now = await findTasks();
    if (now < left) say(`${left - now} taken over after ${seconds(started)}`);
    left = now;
    return now === 0;
  });
  await client.end();
  if (how === 'SIGKILL') return;
  await delay(5000);
  await signal(lost, 'SIGCONT');
  say(`the worker goes on ${seconds(started)} after it was stopped, ${await progressOf(job)} pages done`);
}

async function progressOf({ id, service }: RunningJob): Promise<number> {
  return (await service.get(id)).progress.done;
}

async function waitForProgress(job: RunningJob, share: number): Promise<void> {
  await poll(async () => (await progressOf(job)) >= Math.min(share, 0.9) * pages);
}

async function poll<T>(check: () => Promise<T | undefined>): Promise<NonNullable<T>> {
  for (;;) {
    const value = await check();
    if (value) return value;
    await delay(POLL_MS);
  }
}

async function makeDatabase(): Promise<void> {
  await administration.query(`DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`);
  await administration.query(`CREATE DATABASE ${DATABASE}`);
}

/** Of everything that a reader of the store gets. */
function hashStore(): string {
  const files = ['embeddings.zarr', 'panels.jsonl', 'pages.jsonl', 'metadata.json'];
  const list = execFileSync('find', [...files, '-type', 'f'], {
    cwd: path.join(home, 'stores/pages'),
    encoding: 'utf8',
  });
  const hash = createHash('sha256');
  for (const file of list.trim().split('\n').sort()) {
    hash.update(`${file}\n`).update(readFileSync(path.join(home, 'stores/pages', file)));
  }
  return hash.digest('hex');
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

function say(text: string): void {
  console.log(`  ${text}`);
}
