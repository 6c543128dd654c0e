import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { glob, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findFreePort } from '../support/databases.ts';
import { runPanelvec } from '../support/run-panelvec.ts';
import { type ServiceProcess, spawnService } from '../support/service-process.ts';
import { installPackage, isRegistryAway, type PackedPackage, packPackage } from './packed-package.ts';

/** A download that nobody minds; weights that need more belong into a package of their own */
const MAX_PACKAGE_BYTES = 100 * 2 ** 20;
const PANEL_PICTURE = 'examples/pages/page_001.jpg';

const folder = await mkdtemp(path.join(tmpdir(), 'panelvec-package-'));
after(() => rm(folder, { recursive: true, force: true }));
/** Where a user installs the package, and its folder there */
const userFolder = path.join(folder, 'user');
const installed = path.join(userFolder, 'node_modules/panelvec');
let packed: PackedPackage;
/** Why the tests are skipped, or false */
let skip: string | false = false;
try {
  packed = await packPackage(folder);
  await installPackage(packed.tarball, userFolder);
} catch (error) {
  if (process.env['CI'] !== undefined || !isRegistryAway(error)) throw error;
  skip = 'npm cannot reach its registry';
}

const bin = () => path.join(installed, 'bin/panelvec.js');
const environment = (port: string) => ({
  PORT: port,
  PANELVEC_HOME: path.join(folder, 'home'),
  PANELVEC_DATA_ROOTS: installed,
});

describe('the package of npm', { skip, timeout: 600_000 }, () => {
  it('has what it needs at run time, and nothing else', async () => {
    const { files } = JSON.parse(await readFile(path.join(installed, 'models/compact/model.json'), 'utf8'));
    const needed = [
      ...['bin/panelvec.js', 'dist/main.js', 'dist/training/optimizer/kernels.wasm', 'openapi.yaml', PANEL_PICTURE],
      ...['build/web/index.html', 'build/web/licenses.md', 'CHANGELOG.md', 'LICENSE'],
      ...Object.keys(files).map((name) => `models/compact/${name}`),
    ];
    assert.deepEqual(
      needed.filter((name) => !packed.files.includes(name)),
      [],
    );
    const foreign = packed.files.filter((name) => /^(src|test|bench|docs|deploy|clients)\//.test(name));
    assert.deepEqual(foreign, []);
    assert.ok(packed.bytes < MAX_PACKAGE_BYTES, `the package has ${packed.bytes} bytes`);
  });

  it('starts programs and imports packages that are there', async () => {
    const { dependencies } = JSON.parse(await readFile(path.join(installed, 'package.json'), 'utf8'));
    const problems: string[] = [];
    for await (const name of glob('dist/**/*.js', { cwd: installed })) {
      const code = await readFile(path.join(installed, name), 'utf8');
      if (/['"`]\S*\.ts['"`]/.test(code)) problems.push(`${name} names a file of TypeScript`);
      for (const [, program] of code.matchAll(/codeFile\(import\.meta, '(.*?)'\)/g)) {
        const file = path.join(installed, path.dirname(name), `${program}.js`);
        if (!existsSync(file)) problems.push(`${name}: there is no ${file}`);
      }
      for (const [, imported] of code.matchAll(/^(?:import|export) .*?from ['"]([^.'"][^'"]*)['"]/gm)) {
        const [scope = '', second] = (imported ?? '').split('/');
        const dependency = scope.startsWith('@') ? `${scope}/${second}` : scope;
        const isBuiltin = scope.startsWith('node:') || builtinModules.includes(scope);
        if (!isBuiltin && !(dependency in dependencies)) problems.push(`${name}: ${dependency} is no dependency`);
      }
    }
    assert.deepEqual(problems, []);
  });

  describe('as a service', () => {
    let service: ServiceProcess;
    let settings: Record<string, string>;
    before(async () => {
      settings = { ...environment(String(await findFreePort())), PANELVEC_THREADS: '1', PANELVEC_PROVIDER: 'cpu' };
      service = await spawnService({ ...settings, PANELVEC_JOBS: 'on', PANELVEC_WORKERS: '0' }, bin());
    });
    after(() => service?.child.kill('SIGKILL'));

    it('gives the vectors of the repository, bit for bit', async () => {
      const original = await spawnService({ PANELVEC_HOME: path.join(folder, 'other-home') });
      const [vector, expected] = await Promise.all([embed(service), embed(original)]);
      await stop(original.child);
      assert.ok(expected.length > 2048);
      assert.deepEqual(vector, expected);
    });

    it('has the page for browsers', async () => {
      const page = await fetch(service.address, { headers: { accept: 'text/html' } });
      assert.match(await page.text(), /<script type="module"/);
    });

    it('runs a job with a worker that is started by hand', async () => {
      const worker = spawn(process.execPath, [bin(), 'worker'], {
        env: { ...process.env, ...settings },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      const flags = ['--dataset', path.join(installed, 'examples'), '--output', 'harbor', '--watch'];
      const { code, stdout, stderr } = await runPanelvec(['jobs', 'submit', ...flags], settings, userFolder, bin());
      assert.deepEqual(await stop(worker), [0, null]);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /embed {2}succeeded {2}4\/4 pages {2}harbor/);
    });

    it('ends with 0 when it is asked to', async () => {
      assert.deepEqual(await stop(service.child), [0, null]);
    });
  });

  it('refuses weights with a bit that has flipped', async () => {
    const weights = path.join(installed, 'models/compact/head.safetensors');
    await flipBit(weights, 1_000_000);
    const args = ['embed', path.join(installed, PANEL_PICTURE), '--out', 'page.npy'];
    for (const command of [args, ['serve']]) {
      const { code, stderr, stdout } = await runPanelvec(command, environment('0'), userFolder, bin());
      assert.equal(code, 1, command[0]);
      assert.match(stderr + stdout, /head\.safetensors has the SHA-256 \w+, model\.json says/);
    }
    assert.ok(!existsSync(path.join(userFolder, 'page.npy')));
  });
});

async function embed({ address }: ServiceProcess): Promise<Buffer> {
  const response = await fetch(`${address}/v1/embeddings/image`, {
    method: 'POST',
    headers: { 'content-type': 'image/jpeg', accept: 'application/x-npy' },
    body: await readFile(path.join(installed, PANEL_PICTURE)),
  });
  assert.equal(response.status, 200);
  return Buffer.from(await response.arrayBuffer());
}

async function stop(child: ChildProcess): Promise<unknown[]> {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  return exited;
}

async function flipBit(file: string, offset: number): Promise<void> {
  await using handle = await open(file, 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, offset);
  byte[0] = (byte[0] ?? 0) ^ 1;
  await handle.write(byte, 0, 1, offset);
}
