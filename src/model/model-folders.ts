import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { type Model, readModel } from './model.ts';
import { ModelError } from './model-error.ts';

/** Models that come with the project. */
export const BUNDLED_MODELS = path.join(import.meta.dirname, '../../models');

/** Where models are looked for, the first place first: those of PANELVEC_HOME, then the bundled ones. */
export function modelRoots(home: string): string[] {
  return [path.join(home, 'models'), BUNDLED_MODELS];
}

/** A model by name, or by the path of its folder. @throws ModelError */
export async function findModel(nameOrPath: string, roots: readonly string[]): Promise<Model> {
  if (nameOrPath.includes(path.sep)) return readModel(path.resolve(nameOrPath));
  const folder = roots.map((root) => path.join(root, nameOrPath)).find((candidate) => existsSync(candidate));
  if (folder === undefined) throw new ModelError(`there is no model "${nameOrPath}" in ${roots.join(' or ')}`);
  return readModel(folder);
}

/** Names of all model folders, each once. */
export async function listModelNames(roots: readonly string[]): Promise<string[]> {
  const names = new Set<string>();
  for (const root of roots) {
    if (!existsSync(root)) continue;
    for (const entry of await readdir(root, { withFileTypes: true })) {
      // Hidden ones are being filled.
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory() && existsSync(path.join(root, entry.name, 'model.json'))) names.add(entry.name);
    }
  }
  return [...names].sort();
}

/** Where models are added. */
export function homeModelsFolder(home: string): string {
  return modelRoots(home)[0]!;
}
