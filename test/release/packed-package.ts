/** Packs the project as `npm publish` would, and installs the tarball as a user does. */
import { execFile } from 'node:child_process';
import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const REPOSITORY = path.join(import.meta.dirname, '../..');
/** What a checkout has and the package is made of: nothing that was built here before */
const CHECKOUT = [
  ...['bin', 'examples', 'models', 'scripts', 'src', 'CHANGELOG.md', 'LICENSE', 'README.md', 'openapi.yaml'],
  ...['package.json', 'tsconfig.json', 'tsconfig.build.json'],
];

export interface PackedPackage {
  readonly tarball: string;
  readonly bytes: number;
  /** Paths inside of the package */
  readonly files: readonly string[];
}

/** Packs a copy of the checkout, because other tests use what is built in the repository. */
export async function packPackage(folder: string): Promise<PackedPackage> {
  const checkout = path.join(folder, 'checkout');
  await mkdir(checkout);
  for (const name of CHECKOUT) await cp(path.join(REPOSITORY, name), path.join(checkout, name), { recursive: true });
  await symlink(path.join(REPOSITORY, 'node_modules'), path.join(checkout, 'node_modules'), 'junction');
  const output = await npm(['pack', '--json', '--pack-destination', folder], checkout);
  await rm(checkout, { recursive: true });
  // Scripts of the build may print something before it.
  const [packed] = JSON.parse(output.slice(output.search(/^\[/m)));
  const files = packed.files.map((file: { path: string }) => file.path);
  return { tarball: path.join(folder, packed.filename), bytes: packed.size, files };
}

/** Installs the tarball into a new folder. */
export async function installPackage(tarball: string, folder: string): Promise<void> {
  await mkdir(folder);
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ private: true }));
  const flags = ['--omit=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await npm(['install', ...flags, tarball], folder);
}

/** Whether npm failed because it reaches no registry, and has not kept what it needs. */
export function isRegistryAway(error: unknown): boolean {
  return /npm error code (ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT|ENOTCACHED)/.test(String(error));
}

/** Runs the npm that runs the tests, or the one of the system. */
async function npm(args: readonly string[], cwd: string): Promise<string> {
  const script = process.env['npm_execpath'];
  const options = { cwd, env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' }, maxBuffer: 2 ** 26 };
  const run = promisify(execFile);
  const { stdout } =
    script === undefined ? await run('npm', args, options) : await run(process.execPath, [script, ...args], options);
  return stdout;
}
