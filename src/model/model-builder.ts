import { existsSync } from 'node:fs';
import { copyFile, link, mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { renameWhenFree } from '../files/files-in-use.ts';
import { makeOwnedFolder, removeAbandonedFolders } from '../files/owned-folder.ts';
import { isPortableName } from '../files/portable-name.ts';
import { hashFile, type Model, readModel } from './model.ts';
import { ModelError } from './model-error.ts';
import { type ModelDefinition, type ModelSpec, modelNameSchema, requiredFiles } from './model-spec.ts';

const INCOMING_PREFIX = '.incoming-';

/**
 * Adds a model folder to `root`. It is filled under a hidden name and renamed when it is complete, so that a failure leaves
 * nothing behind. The next call removes what a killed process has left.
 * @param fill writes the model's files into a folder and returns their definition
 * @param check may throw before the model gets its name
 * @throws ModelError if the name is taken, or if the files are not those of a model
 */
export async function buildModel(
  root: string,
  name: string,
  fill: (folder: string) => Promise<ModelDefinition>,
  check: (model: Model) => Promise<void> = async () => {},
): Promise<Model> {
  assertNameIsFree(root, name);
  await mkdir(root, { recursive: true });
  await removeAbandonedFolders(root, INCOMING_PREFIX);
  await using folder = await makeOwnedFolder(root, `${INCOMING_PREFIX}${name}`);
  const definition = await fill(folder.path);
  const files = await describeFiles(folder.path, definition);
  await writeModelSpec(folder.path, { ...definition, files });
  await check(await readModel(folder.path));
  assertNameIsFree(root, name);
  await renameWhenFree(folder.path, path.join(root, name));
  return readModel(path.join(root, name));
}

/** Writes the model.json of a folder. */
export async function writeModelSpec(folder: string, spec: ModelSpec): Promise<void> {
  await writeFile(path.join(folder, 'model.json'), `${JSON.stringify(spec, null, 2)}\n`);
}

/** Creates a hard link, or a copy where the file system has no links. */
export async function linkFile(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to));
}

/** @throws ModelError if the name is invalid or taken */
export function assertNameIsFree(root: string, name: string): void {
  if (!modelNameSchema.safeParse(name).success || !isPortableName(name)) {
    const problem =
      "cannot be a model's name: use lower-case letters, digits, dots and dashes, no dot at the end and no device of Windows";
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
