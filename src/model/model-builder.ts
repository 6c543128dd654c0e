import { existsSync } from 'node:fs';
import { copyFile, link, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { isProcessRunning } from '../process/is-process-running.ts';
import { hashFile, type Model, readModel } from './model.ts';
import { ModelError } from './model-error.ts';
import { type ModelSpec, modelNameSchema, requiredFiles } from './model-spec.ts';

export type ModelDefinition = Omit<ModelSpec, 'files'>;

/** Folders that are being filled: their machine and process tell whether they still are. */
const INCOMING_FOLDER = /^\.incoming-.*@(.*)-(\d+)\.\w+$/;
/** Those of this process. Its number alone would not do: in a container every process has the same. */
const ownFolders = new Set<string>();
/** What another machine has left in a shared folder is only known to be left by its age. */
const ABANDONED_AFTER_MS = 24 * 3600 * 1000;

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
  fill: (folder: string) => Promise<ModelDefinition>,
  check: (model: Model) => Promise<void> = async () => {},
): Promise<Model> {
  assertNameIsFree(root, name);
  await mkdir(root, { recursive: true });
  await removeAbandoned(root);
  const folder = await mkdtemp(path.join(root, `.incoming-${name}@${hostname()}-${process.pid}.`));
  ownFolders.add(path.basename(folder));
  try {
    const definition = await fill(folder);
    const files = await describeFiles(folder, definition);
    await writeFile(path.join(folder, 'model.json'), `${JSON.stringify({ ...definition, files }, null, 2)}\n`);
    await check(await readModel(folder));
    assertNameIsFree(root, name);
    await rename(folder, path.join(root, name));
  } finally {
    await rm(folder, { recursive: true, force: true });
    ownFolders.delete(path.basename(folder));
  }
  return readModel(path.join(root, name));
}

/** The same file under another name where the file system can, else a copy. */
export async function linkFile(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to));
}

/** @throws ModelError where no model can have the name, or one has it already */
export function assertNameIsFree(root: string, name: string): void {
  if (!modelNameSchema.safeParse(name).success) {
    const problem = "cannot be a model's name: it takes lower-case letters, digits, dots, dashes";
    throw new ModelError(`${JSON.stringify(name)} ${problem}`);
  }
  const target = path.join(root, name);
  if (existsSync(target)) throw new ModelError(`there is a model "${name}" already: ${target}`);
}

async function describeFiles(folder: string, definition: ModelDefinition): Promise<ModelSpec['files']> {
  const files: ModelSpec['files'] = {};
  const names = [...requiredFiles(definition), ...(definition.golden === undefined ? [] : [definition.golden])];
  for (const name of names) {
    const file = path.join(folder, name);
    files[name] = { bytes: (await stat(file)).size, sha256: await hashFile(file) };
  }
  return files;
}

/** What processes left that were killed while they filled it. */
async function removeAbandoned(root: string): Promise<void> {
  for (const entry of await readdir(root)) {
    const [, host, pid] = INCOMING_FOLDER.exec(entry) ?? [];
    if (pid === undefined || ownFolders.has(entry)) continue;
    const folder = path.join(root, entry);
    const isAbandoned =
      host === hostname() ? Number(pid) === process.pid || !isProcessRunning(Number(pid)) : await isOld(folder);
    if (isAbandoned) await rm(folder, { recursive: true, force: true });
  }
}

async function isOld(folder: string): Promise<boolean> {
  return Date.now() - (await stat(folder)).mtimeMs > ABANDONED_AFTER_MS;
}
