import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { type Model, readModel } from './model.ts';
import { ModelError } from './model-error.ts';

/** Folder of the models that come with panelvec. */
export const BUNDLED_MODELS = path.join(import.meta.dirname, '../../models');

/** Folders to search for models, in this order: PANELVEC_HOME, then the bundled models. */
export function modelRoots(home: string): string[] {
  return [homeModelsFolder(home), BUNDLED_MODELS];
}

/** Reads a model by its name or by the path of its folder. @throws ModelError */
export async function findModel(nameOrPath: string, roots: readonly string[]): Promise<Model> {
  if (nameOrPath.includes('/') || nameOrPath.includes(path.sep)) return readModel(path.resolve(nameOrPath));
  const folder = roots.map((root) => path.join(root, nameOrPath)).find((candidate) => existsSync(candidate));
  if (folder === undefined) throw new ModelError(`there is no model "${nameOrPath}" in ${roots.join(' or ')}`);
  return readModel(folder);
}

/** Lists the names of all model folders, without duplicates. */
export async function listModelNames(roots: readonly string[]): Promise<string[]> {
  const names = new Set<string>();
  for (const root of roots) {
    if (!existsSync(root)) continue;
    for (const entry of await readdir(root, { withFileTypes: true })) {
      // `buildModel` fills hidden folders.
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory() && existsSync(path.join(root, entry.name, 'model.json'))) names.add(entry.name);
    }
  }
  return [...names].sort();
}

/** Whether a name or a path, as settings have it, means a folder. */
export function isModelFolder(nameOrPath: string, folder: string, roots: readonly string[]): boolean {
  return [path.resolve(nameOrPath), ...roots.map((root) => path.join(root, nameOrPath))].includes(folder);
}

/** Folder that new models are added to. */
export function homeModelsFolder(home: string): string {
  return path.join(home, 'models');
}
