import { stat } from 'node:fs/promises';
import path from 'node:path';
import { firstLine } from '../errors.ts';
import { hashFile, type Model, modelFilePath, readModel } from '../model/model.ts';
import { BUNDLED_MODELS, findModel, listModelNames } from '../model/model-folders.ts';
import { requiredFiles } from '../model/model-spec.ts';
import { hashJson } from '../util/hash-json.ts';
import { readOrigin } from './model-origin.ts';
import type { ModelVersion } from './registered-model.ts';

/** A model folder of this machine as it is now. */
export interface ScannedModel extends ModelVersion {
  readonly model: Model;
  readonly isBundled: boolean;
  /** A file that is missing or has another size than model.json says */
  readonly problem: string | null;
  /** Differs after any change of its files, by their sizes and times */
  readonly filesState: string;
  /** When model.json came to where it is, whatever time a copy may have taken over */
  readonly arrivedAt: Date;
}

/** A folder that holds no model that could be entered. */
export interface UnreadableFolder {
  readonly folder: string;
  readonly problem: string;
}

export interface ModelScan {
  /** By id */
  readonly models: ReadonlyMap<string, ScannedModel>;
  readonly unreadable: readonly UnreadableFolder[];
}

/**
 * Reads every model.json and looks at the sizes of the files that it lists. Contents are not compared with their hashes: that takes
 * as long as it takes to read all weights, and is done before a model is loaded.
 * @param folders of further models, outside of the roots
 */
export async function scanModelFolders(roots: readonly string[], folders: readonly string[]): Promise<ModelScan> {
  const models = new Map<string, ScannedModel>();
  const unreadable: UnreadableFolder[] = [];
  const scan = async (name: string, read: () => Promise<Model>) => {
    try {
      const scanned = await scanModel(name, await read());
      const other = models.get(scanned.id);
      if (other === undefined) models.set(scanned.id, scanned);
      else if (other.model.folder !== scanned.model.folder)
        unreadable.push({ folder: name, problem: `its id is ${scanned.id}, as that of the model in ${other.folder}` });
    } catch (error) {
      unreadable.push({ folder: name, problem: firstLine(error) });
    }
  };
  for (const folder of folders) await scan(folder, () => readModel(path.resolve(folder)));
  for (const name of sortByRank(await listModelNames(roots))) await scan(name, () => findModel(name, roots));
  return { models, unreadable };
}

/** Shorter names first: a copy has the longer one, and the original keeps the id. */
function sortByRank(names: readonly string[]): string[] {
  return names.toSorted((a, b) => a.length - b.length);
}

async function scanModel(folder: string, model: Model): Promise<ScannedModel> {
  const { id, space, spec } = model;
  const specFile = path.join(model.folder, 'model.json');
  const hashes = requiredFiles(spec).map((name) => [name, spec.files[name]?.sha256]);
  const specStats = await stat(specFile);
  const states: [string, number, number][] = [['model.json', specStats.size, specStats.mtimeMs]];
  let problem: string | null = null;
  for (const [name, { bytes }] of Object.entries(spec.files)) {
    const stats = await stat(modelFilePath(model, name)).catch(() => undefined);
    if (stats === undefined) problem ??= `${name} is missing`;
    else if (stats.size !== bytes) problem ??= `${name} has ${stats.size} bytes, model.json says ${bytes}`;
    if (stats !== undefined) states.push([name, stats.size, stats.mtimeMs]);
  }
  return {
    id,
    space,
    folder,
    spec,
    specSha256: await hashFile(specFile),
    weightsSha256: hashJson(Object.fromEntries(hashes)),
    origin: await readOrigin(model.folder),
    model,
    isBundled: path.dirname(model.folder) === BUNDLED_MODELS,
    problem,
    filesState: hashJson(states),
    arrivedAt: specStats.ctime,
  };
}
