/** Runs clients of other projects, which `npm run test:clients` installs, in processes of their own. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

export const CLIENTS_FOLDER = path.join(import.meta.dirname, '../../.clients');
/** The project's own clients */
export const TYPESCRIPT_CLIENT = path.join(import.meta.dirname, '../../clients/typescript');
export const PYTHON_CLIENT = path.join(import.meta.dirname, '../../clients/python');
export const PYTHON_ENVIRONMENTS = [
  { name: 'python', requirements: 'requirements.txt' },
  { name: 'python-zarr2', requirements: 'requirements-zarr2.txt' },
  { name: 'panelvec', requirements: 'requirements-panelvec.txt' },
] as const;
export type PythonEnvironment = (typeof PYTHON_ENVIRONMENTS)[number]['name'];

const MAX_OUTPUT_BYTES = 1 << 28;

/** Why the tests of clients are skipped, or false. */
export const skipNpm = skipWithout('npm');
export const skipPython = skipWithout('python') || skipWithout('python-zarr2');
export const skipPanelvecPython = skipWithout('panelvec');
export const skipPanelvecTypescript = skipWithout('typescript');

function skipWithout(name: string): string | false {
  const isInstalled = existsSync(path.join(CLIENTS_FOLDER, name, '.installed'));
  return !isInstalled && `the clients are not installed: npm run test:clients (${name})`;
}

export function pythonExecutable(environment: PythonEnvironment): string {
  return pythonOf(path.join(CLIENTS_FOLDER, environment));
}

/** The command of an environment of Python in a folder. */
export function pythonOf(folder: string): string {
  return path.join(folder, ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']));
}

/** Runs a script of test/clients/npm. Resolves with the JSON that it prints. */
export async function runNpmClient<T>(script: string, ...args: string[]): Promise<T> {
  // Node looks for packages in the folders above a script.
  const file = path.join(CLIENTS_FOLDER, 'npm', script);
  await cp(path.join(import.meta.dirname, 'npm', script), file);
  return JSON.parse(await run(process.execPath, [file, ...args]));
}

/** Runs a script of test/clients/python. Resolves with the JSON that it prints. */
export async function runPythonClient<T>(
  script: string,
  args: readonly string[],
  environment: PythonEnvironment = 'python',
): Promise<T> {
  const file = path.join(import.meta.dirname, 'python', script);
  return JSON.parse(await run(pythonExecutable(environment), [file, ...args]));
}

/** Runs an example of the documentation. Resolves with what it prints. */
export async function runExample(language: 'js' | 'python', code: string): Promise<string> {
  if (language === 'python') {
    const environment = code.includes('panelvec import') ? 'panelvec' : 'python';
    return run(pythonExecutable(environment), ['-c', code]);
  }
  // A package may import itself by its name.
  const folder = code.includes('@panelvec/client') ? await buildTypescriptClient() : path.join(CLIENTS_FOLDER, 'npm');
  const file = path.join(folder, 'example.mjs');
  await writeFile(file, code);
  return run(process.execPath, [file]);
}

/** Builds the project's client for TypeScript beside the tools that it needs. Resolves with the folder. */
export async function buildTypescriptClient(): Promise<string> {
  const folder = path.join(CLIENTS_FOLDER, 'typescript');
  for (const name of ['src', 'dist', 'scripts']) await rm(path.join(folder, name), { recursive: true, force: true });
  for (const name of ['src', 'scripts', 'tsconfig.json', 'package.json', 'README.md', 'LICENSE']) {
    await cp(path.join(TYPESCRIPT_CLIENT, name), path.join(folder, name), { recursive: true });
  }
  await runCommand(process.execPath, ['node_modules/typescript/bin/tsc'], { cwd: folder });
  return folder;
}

/** Resolves with what a command prints. @throws Error with all of its output if it fails: tools print there what is wrong */
export async function runCommand(
  command: string,
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Record<string, string> },
): Promise<string> {
  const options = { cwd, env: { ...process.env, ...env }, maxBuffer: MAX_OUTPUT_BYTES };
  try {
    return (await promisify(execFile)(command, args, options)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}\n${stderr}`, { cause: error });
  }
}

async function run(command: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, { maxBuffer: MAX_OUTPUT_BYTES });
  return stdout;
}
