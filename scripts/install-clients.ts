/**
 * Installs the clients that `npm run test:clients` runs against the service into .clients, apart from the project's own
 * dependencies: npm packages, and an environment of Python for each list of requirements. What is installed already stays.
 */
import { execFileSync } from 'node:child_process';
import { cp, readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  CLIENTS_FOLDER,
  PYTHON_CLIENT,
  PYTHON_ENVIRONMENTS,
  pythonExecutable,
  TYPESCRIPT_CLIENT,
} from '../test/clients/clients.ts';
import { findPython, installOnce, PYTHON_VERSIONS } from './install-once.ts';

const SOURCES = path.join(import.meta.dirname, '../test/clients');

await installNpmPackages('npm', path.join(SOURCES, 'npm'));
await installNpmPackages('typescript', TYPESCRIPT_CLIENT);
const python = findPython();
if (python === undefined) {
  console.log(`no Python ${PYTHON_VERSIONS.join(', ')} was found: the tests of its clients will be skipped`);
} else {
  for (const environment of PYTHON_ENVIRONMENTS) await installPythonClients(python, environment);
}

async function installNpmPackages(name: string, source: string): Promise<void> {
  const folder = path.join(CLIENTS_FOLDER, name);
  const lock = await readFile(path.join(source, 'package-lock.json'), 'utf8');
  await installOnce(folder, lock, async () => {
    for (const file of ['package.json', 'package-lock.json']) {
      await cp(path.join(source, file), path.join(folder, file));
    }
    const npm = process.env['npm_execpath'];
    if (npm === undefined) throw new Error('run this script with npm: npm run test:clients');
    execFileSync(process.execPath, [npm, 'ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit' });
  });
}

async function installPythonClients(python: string, environment: (typeof PYTHON_ENVIRONMENTS)[number]): Promise<void> {
  const folder = path.join(CLIENTS_FOLDER, environment.name);
  const requirements = path.join(SOURCES, 'python', environment.requirements);
  const isOwn = environment.name === 'panelvec';
  const version = [requirements, ...(isOwn ? [path.join(PYTHON_CLIENT, 'pyproject.toml')] : [])];
  const texts = await Promise.all(version.map((file) => readFile(file, 'utf8')));
  await installOnce(folder, texts.join('\n'), async () => {
    execFileSync(python, ['-m', 'venv', folder], { stdio: 'inherit' });
    const pip = (...args: string[]) => {
      const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...args];
      execFileSync(pythonExecutable(environment.name), install, { stdio: 'inherit' });
    };
    pip('--requirement', requirements);
    // Its sources as they are, so that a change needs no new installation.
    if (isOwn) pip('--no-build-isolation', '--no-deps', '--editable', PYTHON_CLIENT);
  });
}
