import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { startJobService } from '../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../support/make-corpus.ts';
import { runPanelvec } from '../support/run-panelvec.ts';
import { spawnService } from '../support/service-process.ts';
import { makeTinyModel } from '../support/tiny-model.ts';

/** Writes which packages of OpenTelemetry a process has loaded, when it ends. prom-client loads the api of its own accord. */
const PRELOAD = `
const { writeFileSync } = require('node:fs');
process.on('exit', () => {
  if (!process.title.startsWith('panelvec-')) return;
  const packages = Object.keys(require.cache).flatMap((file) => /@opentelemetry\\/([^/]+)/.exec(file)?.[1] ?? []);
  writeFileSync(\`\${__dirname}/\${process.title}-\${process.pid}.json\`, JSON.stringify([...new Set(packages)]));
});`;

let folder: string;
let corpus: Corpus;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'panelvec-loaded-'));
  await writeFile(path.join(folder, 'preload.cjs'), PRELOAD);
  [corpus, tiny] = await Promise.all([makeCorpus(3), makeTinyModel()]);
});
after(async () => {
  await rm(folder, { recursive: true, force: true });
  await corpus.remove();
  await tiny.remove();
});

it('loads nothing of the SDK unless a collector is named', async () => {
  const service = await startJobService(tiny.home, corpus, {
    PANELVEC_WORKERS: '1',
    NODE_OPTIONS: `--require ${path.join(folder, 'preload.cjs')}`,
  });
  const { id } = await service.submit({ type: 'embed', output: 'off', dataset: corpus.dataset });
  assert.equal((await service.waitForEnd(id)).state, 'succeeded');
  await service.stop();
  assert.deepEqual(await findLoaded('panelvec-api'), ['api']);
  assert.deepEqual(await findLoaded('panelvec-worker'), []);
});

it('loads it where one is named, unless it is disabled', async () => {
  // A server without TLS ends a worker that insists on it at once.
  const database = createServer((socket) => socket.once('data', () => socket.end('N')));
  const port = await listenOn(database);
  const load = async (environment: Record<string, string>) => {
    const { stderr } = await runPanelvec(['worker'], {
      PANELVEC_HOME: folder,
      DATABASE_URL: `postgres://127.0.0.1:${port}/none?sslmode=require`,
      NODE_OPTIONS: `--require ${path.join(folder, 'preload.cjs')}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
      ...environment,
    });
    assert.match(stderr, /does not support SSL/);
    return findLoaded('panelvec-worker');
  };
  assert.ok((await load({})).includes('sdk-trace'));
  assert.deepEqual(await load({ OTEL_SDK_DISABLED: 'true' }), []);
  database.close();
});

async function listenOn(server: Server): Promise<number> {
  // A test that fails must not keep the process.
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** What the last process of a title has loaded. */
async function findLoaded(title: string): Promise<string[]> {
  const name = (await readdir(folder)).find((each) => each.startsWith(title));
  assert.ok(name, `no ${title} has ended`);
  const packages = JSON.parse(await readFile(path.join(folder, name), 'utf8'));
  await rm(path.join(folder, name));
  return packages;
}

for (const [kind, isListening] of [
  ['is away', false],
  ['never answers', true],
] as const) {
  it(`serves and stops as quickly when the collector ${kind}`, async () => {
    const sink = createServer();
    const port = await listenOn(sink);
    if (!isListening) sink.close();
    const service = await spawnService({
      PANELVEC_HOME: tiny.home,
      PANELVEC_MODELS: 'tiny',
      LOG_LEVEL: 'info',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_BSP_SCHEDULE_DELAY: '20',
    });
    for (let i = 0; i < 20; i++) {
      const response = await fetch(`${service.address}/v1/embeddings/text`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ input: ['boom'] }),
      });
      assert.equal(response.status, 200);
    }
    const startTime = performance.now();
    service.child.kill('SIGTERM');
    assert.deepEqual(await service.exited, [0, null]);
    const seconds = (performance.now() - startTime) / 1000;
    // Two seconds for the last traces; exports are tried for ten.
    assert.ok(seconds < 8, `it took ${seconds} s to stop`);
    if (isListening) sink.close();
  });
}

it('does not start with a protocol that it does not speak, and names the variable', async () => {
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
  const { code, stderr } = await runPanelvec(['serve'], environment);
  assert.equal(code, 2);
  assert.match(stderr, /OTEL_EXPORTER_OTLP_PROTOCOL.*grpc.*http\/protobuf/);
});
