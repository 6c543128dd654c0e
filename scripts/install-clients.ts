/**
 * Installs the clients that `npm run test:clients` runs against the service into .clients, apart from the project's own
 * dependencies: npm packages, and an environment of Python for each list of requirements. What is installed already stays.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CLIENTS_FOLDER, PYTHON_ENVIRONMENTS, pythonExecutable } from '../test/clients/clients.ts';

const SOURCES = path.join(import.meta.dirname, '../test/clients');
/** The versions that all clients have ready-made packages for */
const PYTHON_VERSIONS = ['3.11', '3.12', '3.13'];

await installNpmClients();
const python = findPython();
if (python === undefined) {
  console.log(`no Python ${PYTHON_VERSIONS.join(', ')} was found: the tests of its clients will be skipped`);
} else {
  for (const environment of PYTHON_ENVIRONMENTS) await installPythonClients(python, environment);
}

async function installNpmClients(): Promise<void> {
  const folder = path.join(CLIENTS_FOLDER, 'npm');
  const lock = await readFile(path.join(SOURCES, 'npm/package-lock.json'), 'utf8');
  await installOnce(folder, lock, async () => {
    for (const name of ['package.json', 'package-lock.json']) {
      await cp(path.join(SOURCES, 'npm', name), path.join(folder, name));
    }
    const npm = process.env['npm_execpath'];
    if (npm === undefined) throw new Error('run this script with npm: npm run test:clients');
    execFileSync(process.execPath, [npm, 'ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit' });
  });
}

async function installPythonClients(python: string, environment: (typeof PYTHON_ENVIRONMENTS)[number]): Promise<void> {
  const folder = path.join(CLIENTS_FOLDER, environment.name);
  const requirements = path.join(SOURCES, 'python', environment.requirements);
  await installOnce(folder, await readFile(requirements, 'utf8'), async () => {
    execFileSync(python, ['-m', 'venv', folder], { stdio: 'inherit' });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements];
    execFileSync(pythonExecutable(environment.name), pip, { stdio: 'inherit' });
  });
}

/** Installs into an empty folder, unless it has what `version` says. An installation that fails leaves no stamp. */
async function installOnce(folder: string, version: string, install: () => Promise<void>): Promise<void> {
  const stamp = path.join(folder, '.installed');
  const installed = await readFile(stamp, 'utf8').catch(() => undefined);
  if (installed === version) return;
  console.log(`installing clients into ${folder}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await install();
  await writeFile(stamp, version);
}

function findPython(): string | undefined {
  const commands = ['python3', 'python', ...PYTHON_VERSIONS.toReversed().map((version) => `python${version}`)];
  const script = 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])';
  return commands.find((command) => {
    const { stdout } = spawnSync(command, ['-c', script], { encoding: 'utf8' });
    return PYTHON_VERSIONS.includes(stdout?.trim());
  });
}
