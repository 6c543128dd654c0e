import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { VERSION } from '../../src/version.ts';
import { BROWSER_MISSING, openBrowser } from '../support/browser.ts';
import { openPageWithClient } from './browser-program.ts';
import { type ClientService, EXAMPLES, startClientService } from './client-service.ts';
import { buildTypescriptClient, runCommand, skipPanelvecTypescript, TYPESCRIPT_CLIENT } from './clients.ts';

const skip = skipPanelvecTypescript;
const LONG = { skip, timeout: 600_000 };
const OPENAPI_FILE = path.join(import.meta.dirname, '../../openapi.yaml');
/** A program of a user, whose mistake the types must find. */
const USER_PROGRAM = `
import { Panelvec } from '@panelvec/client';

const client = new Panelvec({ url: 'http://127.0.0.1:8080' });
export const page: Promise<Float32Array[]> = client.page(new Blob(), [{ bbox: [0, 0, 1, 1] }]).then(({ vectors }) => vectors);
export const models = client.api.GET('/v1/models').then(({ data }) => data?.data[0]?.space.length);
// @ts-expect-error: there is no such option
client.texts(['a cat'], { dimension: 16 });
`;
/** What a page does. A string, because its import is one of the browser. */
const BROWSER_PROGRAM = `async ({ apiKey, image, panels }) => {
  const { Panelvec } = await import('@panelvec/client');
  const client = new Panelvec({ url: location.origin, apiKey });
  const bytes = Uint8Array.from(atob(image), (character) => character.charCodeAt(0));
  const { vectors } = await client.page(new Blob([bytes]), panels);
  const { data } = await client.api.GET('/v1/models');
  const dataset = { manifest: 'manifest.csv', pss_labels: 'pss_labels.json', panels: { format: 'vlm', root: 'vlm' } };
  const { id } = await client.submitJob({ type: 'embed', output: 'browser', dataset });
  const { state } = await client.waitForJob(id);
  return { vectors: vectors.map((vector) => vector.length), models: data.data.length, state };
}`;
const USER_SETTINGS = {
  compilerOptions: {
    strict: true,
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2022', 'dom'],
    types: [],
    noEmit: true,
  },
  files: ['user.ts'],
};

let folder: string;
/** What builds the package, beside copies of its sources */
let buildFolder: string;
let service: ClientService;
before(async () => {
  if (skip) return;
  folder = await mkdtemp(path.join(tmpdir(), 'panelvec-typescript-'));
  buildFolder = await buildTypescriptClient();
  service = await startClientService();
});
after(async () => {
  if (skip) return;
  await service?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('the client for TypeScript', { timeout: LONG.timeout }, () => {
  it('has the types that its generator makes of openapi.yaml', LONG, async () => {
    await runCommand(process.execPath, ['scripts/generate.js', OPENAPI_FILE], { cwd: buildFolder });
    const [made, stored] = await Promise.all(
      [buildFolder, TYPESCRIPT_CLIENT].map((from) => readFile(path.join(from, 'src/schema.ts'), 'utf8')),
    );
    assert.ok(made === stored, 'src/schema.ts is stale: npm run generate in clients/typescript');
  });

  it('runs in a browser', { ...LONG, skip: skip || BROWSER_MISSING }, async () => {
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      await openPageWithClient(page, service.address, buildFolder);
      const image = (await readFile(path.join(EXAMPLES, 'pages/page_001.jpg'))).toString('base64');
      const panels = JSON.parse(await readFile(path.join(EXAMPLES, 'vlm/Moonlit Harbor/page_001.json'), 'utf8'));
      const result = await page.evaluate(
        `(${BROWSER_PROGRAM})(${JSON.stringify({ apiKey: service.apiKey, image, panels })})`,
      );
      assert.deepEqual(result, { vectors: [512, 512, 512, 512, 512], models: 1, state: 'succeeded' });
    } finally {
      await browser.close();
    }
  });

  it('is a tarball that compiles and works where it is installed', LONG, async () => {
    await npm(['pack', '--silent', '--pack-destination', folder], buildFolder);
    const tarball = `panelvec-client-${VERSION}.tgz`;
    assert.deepEqual(await readdir(folder), [tarball]);
    await writeFile(path.join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    await npm(['install', '--silent', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`], folder);
    const installed = await readdir(path.join(folder, 'node_modules/@panelvec/client'));
    assert.deepEqual(installed.sort(), ['LICENSE', 'README.md', 'dist', 'package.json']);

    await writeFile(path.join(folder, 'user.ts'), USER_PROGRAM);
    await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(USER_SETTINGS));
    await runCommand(process.execPath, [path.join(buildFolder, 'node_modules/typescript/bin/tsc'), '--project', '.'], {
      cwd: folder,
    });

    await mkdir(path.join(folder, 'test'));
    await cp(path.join(TYPESCRIPT_CLIENT, 'test'), path.join(folder, 'test'), { recursive: true });
    await runCommand(process.execPath, ['--test', 'test/*.test.mjs'], {
      cwd: folder,
      env: {
        PANELVEC_URL: service.address,
        PANELVEC_API_KEY: service.apiKey,
        PANELVEC_EXAMPLES: EXAMPLES,
        // A run inside a run of tests would report to it.
        NODE_TEST_CONTEXT: '',
      },
    });
  });
});

/** Runs the npm that runs the tests. */
function npm(args: readonly string[], cwd: string): Promise<string> {
  const script = process.env['npm_execpath'];
  assert.ok(script !== undefined, 'run this test with npm: npm run test:clients');
  return runCommand(process.execPath, [script, ...args], { cwd });
}
