import { existsSync } from 'node:fs';
import { copyFile, link, mkdir, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeOwnedFolder, removeAbandonedFolders } from '../files/owned-folder.ts';
import { hashFile, type Model, readModel } from './model.ts';
import { ModelError } from './model-error.ts';
import { type ModelSpec, modelNameSchema, requiredFiles } from './model-spec.ts';

export type ModelDefinition = Omit<ModelSpec, 'files'>;

const INCOMING_PREFIX = '.incoming-';

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
  await removeAbandonedFolders(root, INCOMING_PREFIX);
  await using folder = await makeOwnedFolder(root, `${INCOMING_PREFIX}${name}`);
  const definition = await fill(folder.path);
  const files = await describeFiles(folder.path, definition);
  await writeFile(path.join(folder.path, 'model.json'), `${JSON.stringify({ ...definition, files }, null, 2)}\n`);
  await check(await readModel(folder.path));
  assertNameIsFree(root, name);
  await rename(folder.path, path.join(root, name));
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
