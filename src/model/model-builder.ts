import { existsSync } from 'node:fs';
import { copyFile, link, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { isAlive } from '../alive.ts';
import { type Model, readModel, sha256Of } from './model.ts';
import { ModelError } from './model-error.ts';
import { type ModelSpec, modelName, requiredFiles } from './model-spec.ts';

export type ModelParts = Omit<ModelSpec, 'files'>;

/** Folders that are being filled: their machine and process tell whether they still are. */
const INCOMING = /^\.incoming-.*@(.*)-(\d+)\.\w+$/;
/** Those of this process. Its number alone would not do: in a container every process has the same. */
const filling = new Set<string>();
/** What another machine has left in a shared folder is only known to be left by its age. */
const ABANDONED_MS = 24 * 3600 * 1000;

/**
 * A new model folder under `root`, filled out of sight and put in its place whole: whatever goes wrong, nothing of it stays;
 * what a killed process leaves, the next one removes.
 * @param fill writes the model's files into the folder that it is given, and says what the model is made of
 * @param check tries the model before it is put in its place
 * @throws ModelError where there is a model of that name, or what was written is none
 */
export async function buildModel(
  root: string,
  name: string,
  fill: (folder: string) => Promise<ModelParts>,
  check: (model: Model) => Promise<void> = async () => {},
): Promise<Model> {
  assertNew(root, name);
  await mkdir(root, { recursive: true });
  await removeAbandoned(root);
  const folder = await mkdtemp(path.join(root, `.incoming-${name}@${hostname()}-${process.pid}.`));
  filling.add(path.basename(folder));
  try {
    const parts = await fill(folder);
    const files = await listFiles(folder, parts);
    await writeFile(path.join(folder, 'model.json'), `${JSON.stringify({ ...parts, files }, null, 2)}\n`);
    await check(await readModel(folder));
    assertNew(root, name);
    await rename(folder, path.join(root, name));
  } finally {
    await rm(folder, { recursive: true, force: true });
    filling.delete(path.basename(folder));
  }
  return readModel(path.join(root, name));
}

/** The same file under another name where the file system can, else a copy. */
export async function linkFile(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to));
}

/** @throws ModelError where no model can have the name, or one has it already */
export function assertNew(root: string, name: string): void {
  if (!modelName.safeParse(name).success) {
    const problem = "cannot be a model's name: it takes lower-case letters, digits, dots, dashes";
    throw new ModelError(`${JSON.stringify(name)} ${problem}`);
  }
  const target = path.join(root, name);
  if (existsSync(target)) throw new ModelError(`there is a model "${name}" already: ${target}`);
}

async function listFiles(folder: string, parts: ModelParts): Promise<ModelSpec['files']> {
  const files: ModelSpec['files'] = {};
  const names = [...requiredFiles(parts), ...(parts.golden === undefined ? [] : [parts.golden])];
  for (const name of names) {
    const file = path.join(folder, name);
    files[name] = { bytes: (await stat(file)).size, sha256: await sha256Of(file) };
  }
  return files;
}

/** What processes left that were killed while they filled it. */
async function removeAbandoned(root: string): Promise<void> {
  for (const entry of await readdir(root)) {
    const [, host, pid] = INCOMING.exec(entry) ?? [];
    if (pid === undefined || filling.has(entry)) continue;
    const folder = path.join(root, entry);
    const over = host === hostname() ? Number(pid) === process.pid || !isAlive(Number(pid)) : await isOld(folder);
    if (over) await rm(folder, { recursive: true, force: true });
  }
}

async function isOld(folder: string): Promise<boolean> {
  return Date.now() - (await stat(folder)).mtimeMs > ABANDONED_MS;
}
