import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { VERSION } from '../../src/version.ts';
import { type ServiceProcess, spawnService } from '../support/service-process.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { type ClientService, EXAMPLES, startClientService } from './client-service.ts';
import { PYTHON_CLIENT, pythonExecutable, pythonOf, runCommand, skipPanelvecPython } from './clients.ts';

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
let service: ClientService;
let busyService: ServiceProcess;
let env: Record<string, string>;
before(async () => {
  if (skip) return;
  temporary = await mkdtemp(path.join(tmpdir(), 'panelvec-python-'));
  service = await startClientService();
  const slow = await makeTinyModel({ isSlow: true, home: path.join(temporary, 'busy') });
  busyService = await spawnService({
    PANELVEC_HOME: slow.home,
    PANELVEC_MODELS: slow.name,
    PANELVEC_MAX_WAIT_SECONDS: '0.5',
    LOG_LEVEL: 'info',
  });
  env = {
    PANELVEC_URL: service.address,
    PANELVEC_API_KEY: service.apiKey,
    PANELVEC_BUSY_URL: busyService.address,
    PANELVEC_STORES: path.join(service.home, 'stores'),
    PYTHONDONTWRITEBYTECODE: '1',
  };
});
after(async () => {
  if (skip) return;
  busyService?.child.kill('SIGTERM');
  await busyService?.exited;
  await service?.stop();
  await rm(temporary, { recursive: true, force: true });
});

describe('the client for Python', { timeout: LONG.timeout }, () => {
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
    await runCommand(
      python,
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', path.join(folder, wheel)],
      { cwd: folder },
    );
    const script = path.join(folder, 'user.py');
    await writeFile(script, USER_SCRIPT);
    assert.deepEqual((await runCommand(python, [script], { cwd: EXAMPLES, env })).trim().split('\n'), [
      '(5, 512) float32 5',
      'stores need zarr and fsspec: pip install "panelvec[store]"',
    ]);
    await run('-m', 'mypy', '--strict', '--python-executable', python, '--config-file', '', script);
  });
});

/** Runs Python with the tools of the client in its folder. */
function run(...args: string[]): Promise<string> {
  return runCommand(pythonExecutable('panelvec'), args, { cwd: PYTHON_CLIENT, env });
}
