import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { VERSION } from '../../src/version.ts';
import { runPanelvec } from '../support/run-panelvec.ts';
import { type ServiceProcess, spawnService } from '../support/service-process.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { waitFor } from '../support/wait-for.ts';
import { PYTHON_CLIENT, pythonExecutable, pythonOf, skipPanelvecPython } from './clients.ts';

const EXAMPLES = path.join(import.meta.dirname, '../../examples');
const INDEX_TIMEOUT_MS = 200_000;
const skip = skipPanelvecPython;
/** It installs NumPy, or embeds pages beside other tests. */
const LONG = { skip, timeout: 600_000 };

/** What somebody writes who has installed the package alone. */
const USER_SCRIPT = `
from panelvec import Panelvec, StoreError, open_store

with Panelvec() as client:
    vectors, mask = client.page("pages/page_001.jpg", "vlm/Moonlit Harbor/page_001.json")
print(vectors.shape, vectors.dtype, int(mask.sum()))
try:
    open_store("nothing")
except StoreError as error:
    print(error)
`;

let temporary: string;
let service: ServiceProcess;
let busyService: ServiceProcess;
let environment: Record<string, string>;
before(async () => {
  if (skip) return;
  temporary = await mkdtemp(path.join(tmpdir(), 'panelvec-python-'));
  const home = path.join(temporary, 'home');
  service = await spawnService({
    PANELVEC_HOME: home,
    PANELVEC_MODELS: 'compact',
    PANELVEC_JOBS: 'on',
    PANELVEC_SEARCH: 'on',
    PANELVEC_EXAMPLE_COLLECTION: 'on',
    PANELVEC_DATA_ROOTS: EXAMPLES,
    LOG_LEVEL: 'info',
  });
  const slow = await makeTinyModel({ isSlow: true, home: path.join(temporary, 'busy') });
  busyService = await spawnService({
    PANELVEC_HOME: slow.home,
    PANELVEC_MODELS: slow.name,
    PANELVEC_MAX_WAIT_SECONDS: '0.5',
    LOG_LEVEL: 'info',
  });
  await waitFor('the example pages to be a collection', () => hasCollection(service.address), INDEX_TIMEOUT_MS);
  const key = await runPanelvec(['keys', 'create', '--name', 'python', '--scopes', 'admin'], { PANELVEC_HOME: home });
  assert.equal(key.code, 0, key.stderr);
  environment = {
    PANELVEC_URL: service.address,
    PANELVEC_API_KEY: key.stdout.trim(),
    PANELVEC_BUSY_URL: busyService.address,
    PANELVEC_STORES: path.join(home, 'stores'),
  };
});
after(async () => {
  for (const started of [service, busyService]) {
    started?.child.kill('SIGTERM');
    await started?.exited;
  }
  if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
});

describe('the client for Python', () => {
  it('has the version of the service', async () => {
    const project = await readFile(path.join(PYTHON_CLIENT, 'pyproject.toml'), 'utf8');
    assert.equal(/^version = "(.*)"$/m.exec(project)?.[1], VERSION);
  });

  it('has types and a form that the checkers accept', LONG, async () => {
    await run('-m', 'mypy');
    await run('-m', 'ruff', 'check', '.');
    await run('-m', 'ruff', 'format', '--check', '.');
  });

  it('passes its tests with a running service', LONG, async () => {
    await run('-m', 'pytest', '--quiet', '-p', 'no:cacheprovider');
  });

  it('is a wheel that works where nothing else is installed', LONG, async () => {
    const folder = path.join(temporary, 'fresh');
    await mkdir(folder);
    await run('-m', 'build', '--wheel', '--no-isolation', '--outdir', folder);
    const [wheel = ''] = await readdir(folder);
    assert.equal(wheel, `panelvec-${VERSION}-py3-none-any.whl`);
    await run('-m', 'venv', path.join(folder, 'venv'));
    const python = pythonOf(path.join(folder, 'venv'));
    await execute(
      python,
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', path.join(folder, wheel)],
      folder,
    );
    const script = path.join(folder, 'user.py');
    await writeFile(script, USER_SCRIPT);
    assert.deepEqual((await execute(python, [script], EXAMPLES)).trim().split('\n'), [
      '(5, 512) float32 5',
      'stores need zarr and fsspec: pip install "panelvec[store]"',
    ]);
    await run('-m', 'mypy', '--strict', '--python-executable', python, '--config-file', '', script);
  });
});

/** Runs Python with the tools of the client in its folder. */
function run(...args: string[]): Promise<string> {
  return execute(pythonExecutable('panelvec'), args, PYTHON_CLIENT);
}

/** Resolves with what a command prints. @throws Error with all of its output if it fails */
async function execute(command: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...environment };
    const { stdout } = await promisify(execFile)(command, args, { cwd, env, maxBuffer: 1 << 26 });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    throw new Error(`${args.join(' ')} failed:\n${stdout}\n${stderr}`);
  }
}

async function hasCollection(address: string): Promise<boolean> {
  const response = await fetch(`${address}/v1/collections`);
  const { data } = (await response.json()) as { data: unknown[] };
  return data.length > 0;
}
