/**
 * Makes the state that the test of upgrades opens: what this version leaves in a home and its database. Run it once for a release, and
 * keep the file: node scripts/make-upgrade-fixture.ts NAME [PG_DUMP], where PG_DUMP is that of PostgreSQL 18.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import type { JobResponse } from '../src/http/routes/jobs/job-schemas.ts';
import { startPostgres } from '../test/support/databases.ts';
import { drawPngPanel, toDataUri } from '../test/support/images.ts';
import { type JobService, startJobService } from '../test/support/job-service-process.ts';
import { makeCorpus } from '../test/support/make-corpus.ts';
import { runPanelvec } from '../test/support/run-panelvec.ts';
import { MAIN_FILE } from '../test/support/service-process.ts';
import { makeTinyModel } from '../test/support/tiny-model.ts';
import { trainSpec } from '../test/support/train-jobs.ts';

/** Two parts: 100 pages and 30 */
const PAGES = 130;
/** The paths in the state are this long, so that a test can put those of its own folder in their places, byte by byte. */
const ROOT_LENGTH = 100;
/** A window over all files, since the databases are alike */
const WINDOW_LOG = 27;

const [name = '', pgDump] = process.argv.slice(2);
if (!/^[\w.-]+$/.test(name)) throw new Error('name the state, such as 0.1.0');

const parent = await mkdtemp(path.join(tmpdir(), 'panelvec-state-'));
const root = path.join(parent, 'x'.repeat(ROOT_LENGTH - parent.length - 1));
const corpusFolder = path.join(root, 'corpus');
const dataset = {
  manifest: path.join(corpusFolder, 'manifest.csv'),
  pss_labels: path.join(corpusFolder, 'pss_labels.json'),
  panels: { format: 'vlm', root: path.join(corpusFolder, 'vlm') } as const,
};
try {
  const corpus = await makeCorpus(PAGES);
  await cp(corpus.folder, corpusFolder, { recursive: true });
  await corpus.remove();
  await makeState('embedded', '');
  if (pgDump !== undefined) {
    const server = await startPostgres({ hasPgvector: true });
    try {
      await makeState('server', server.url ?? '');
      const args = ['--inserts', '--no-owner', '--file', path.join(root, 'server/dump.sql'), server.url ?? ''];
      execFileSync(pgDump, args, { stdio: 'inherit' });
    } finally {
      await server.stop();
    }
  }
  await writeFile(path.join(root, 'root.txt'), root);
  const tar = execFileSync('tar', ['-cf', '-', '-C', root, '.'], {
    maxBuffer: 2 ** 30,
  });
  const params = { [constants.ZSTD_c_compressionLevel]: 19, [constants.ZSTD_c_windowLog]: WINDOW_LOG };
  const file = path.join(import.meta.dirname, `../test/fixtures/upgrade/${name}.tar.zst`);
  const packed = zstdCompressSync(tar, { params });
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, packed);
  console.log(`${file}: ${packed.length} bytes of ${tar.length}`);
} finally {
  await rm(parent, { recursive: true, force: true });
}

/** Leaves a home and its database as a service does that was stopped, with what it answered. */
async function makeState(kind: string, databaseUrl: string): Promise<void> {
  const folder = path.join(root, kind);
  const home = path.join(folder, 'home');
  await mkdir(home, { recursive: true });
  await makeTinyModel({ home });
  const settings = {
    DATABASE_URL: databaseUrl,
    PANELVEC_SEARCH: 'on',
    PANELVEC_MAX_FEATURES_BYTES: '0',
    PANELVEC_ALLOW_ANONYMOUS: '1',
  };
  const withService = async (workers: string, work: (service: JobService) => Promise<void>) => {
    const service = await startJobService(
      home,
      { folder: corpusFolder },
      { ...settings, PANELVEC_WORKERS: workers, LOG_LEVEL: 'info' },
    );
    try {
      await work(service);
    } finally {
      await service.stop();
    }
  };

  await withService('1', async (service) => {
    for (const spec of [
      { type: 'embed', output: 'finished', dataset },
      { type: 'index', output: 'panels', dataset },
      trainSpec({ dataset }, 'trained', { training: { epochs: 1 } }),
    ]) {
      const { id } = await service.submit(spec);
      const job = await service.waitForEnd(id);
      if (job.state !== 'succeeded') throw new Error(JSON.stringify(job));
    }
    await post(service, '/v1/models/trained/activate', { alias: 'best' });
  });

  await withService('0', async (service) => {
    const half = await service.submit({ type: 'embed', output: 'half', dataset });
    await killWorkerMidway(home, settings);
    const waiting = await service.submit({ type: 'embed', output: 'waiting', dataset });
    const [halfState, waitingState] = [(await service.get(half.id)).state, (await service.get(waiting.id)).state];
    if (halfState !== 'running' || waitingState !== 'queued') throw new Error(`${halfState}, ${waitingState}`);
    const key = await runPanelvec(['keys', 'create', '--name', 'shop', '--scopes', 'search'], {
      PANELVEC_HOME: home,
      DATABASE_URL: databaseUrl,
    });
    if (key.code !== 0) throw new Error(key.stderr);
    await writeFile(
      path.join(folder, 'expected.json'),
      `${JSON.stringify({ ...(await ask(service)), key: key.stdout.trim() }, undefined, 1)}\n`,
    );
  });
  // Only what a running training needs, and large
  await rm(path.join(home, 'trainings/trained/checkpoints'), { recursive: true });
  if (kind === 'embedded') for (const owner of [home, path.join(home, 'collections')]) await removeOldLog(owner);
}

/** Has a stopped embedded database keep no more of its write-ahead log than its next start needs, which makes the file half as large. */
async function removeOldLog(owner: string): Promise<void> {
  const startParams = [...PGlite.defaultStartParams, '-c', 'wal_recycle=off'];
  const database = await PGlite.create(path.join(owner, 'database'), { startParams, extensions: { vector } });
  await database.exec('SELECT pg_switch_wal()');
  await database.exec('CHECKPOINT');
  await database.close();
}

/** Kills a worker when it has done one of two parts. */
async function killWorkerMidway(home: string, settings: Record<string, string>): Promise<void> {
  const worker = spawn(process.execPath, [MAIN_FILE, 'worker'], {
    env: {
      ...process.env,
      ...settings,
      PANELVEC_HOME: home,
      PANELVEC_DATA_ROOTS: corpusFolder,
      PANELVEC_PROVIDER: 'cpu',
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const exited = once(worker, 'exit');
  const masks = [0, 1].map((chunk) => path.join(home, `stores/half/embeddings.zarr/panel_masks/${chunk}.0`));
  while (!masks.some((file) => existsSync(file))) await new Promise((resolve) => setImmediate(resolve));
  worker.kill('SIGKILL');
  await exited;
  if (masks.every((file) => existsSync(file))) throw new Error('the worker did both parts: try again');
}

/** What the service says of its state, for the test to ask again. */
async function ask(service: JobService): Promise<object> {
  const panel = { text: 'rain falls on the roof.', image: toDataUri(await drawPngPanel(5)) };
  const vectors: Record<string, object> = {};
  for (const model of ['tiny', 'best']) {
    const { space, data } = await post(service, '/v1/embeddings/panel', { model, input: [panel] });
    vectors[model] = { space, embedding: data[0].embedding };
  }
  const searches = [{ text: 'a cat sits, and waits.' }, { image: panel.image }];
  const answers = await Promise.all(
    searches.map(async (query) => {
      const { data } = await post(service, '/v1/search', { collection: 'panels', ...query, top_k: 5 });
      return { query, hits: data.map(({ id, score }: { id: string; score: number }) => ({ id, score })) };
    }),
  );
  const { data: jobs } = (await (await fetch(`${service.address}/v1/jobs`)).json()) as { data: JobResponse[] };
  return {
    panel,
    vectors,
    searches: answers,
    jobs: jobs.map(({ id, type, state }) => ({ id, type, state })),
  };
}

async function post(service: JobService, call: string, body: object) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${service.address}${call}`, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${call}: ${response.status} ${text}`);
  return JSON.parse(text);
}
