import { existsSync } from 'node:fs';
import { copyFile, link, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Model, readModel, sha256Of } from './model.ts';
import { ModelError } from './model-error.ts';
import { type ModelSpec, modelName, requiredFiles } from './model-spec.ts';

export type ModelParts = Omit<ModelSpec, 'files'>;

/** Folders that are being filled; their process's number tells whether they still are. */
const INCOMING = /^\.incoming-.*-(\d+)\.\w+$/;
/** Those of this process. Its number alone would not do: in a container every process has the same. */
const filling = new Set<string>();

/**
 * A new model folder under `root`, filled out of sight and put in its place whole: whatever goes wrong, nothing of it stays.
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
  assertName(name);
  assertFree(root, name);
  await mkdir(root, { recursive: true });
  await removeAbandoned(root);
  const folder = await mkdtemp(path.join(root, `.incoming-${name}-${process.pid}.`));
  filling.add(path.basename(folder));
  try {
    const parts = await fill(folder);
    const files = await listFiles(folder, parts);
    await writeFile(path.join(folder, 'model.json'), `${JSON.stringify({ ...parts, files }, null, 2)}\n`);
    await check(await readModel(folder));
    assertFree(root, name);
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

function assertName(name: string): void {
  if (modelName.safeParse(name).success) return;
  throw new ModelError(
    `${JSON.stringify(name)} cannot be a model's name: it takes lower-case letters, digits, dots, dashes`,
  );
}

/** @throws ModelError where there is a model of that name */
export function assertFree(root: string, name: string): void {
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
    const pid = INCOMING.exec(entry)?.[1];
    if (pid === undefined || filling.has(entry)) continue;
    if (Number(pid) === process.pid || !isAlive(Number(pid)))
      await rm(path.join(root, entry), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
