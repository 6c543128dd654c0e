import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { seedHead } from '../architectures/head/seeded-head.ts';
import { type Model, readModelDefinition, toHeadSpec } from '../model/model.ts';
import { buildModel } from '../model/model-builder.ts';
import { ModelError } from '../model/model-error.ts';
import { requiredFiles } from '../model/model-spec.ts';
import { writeSafetensors } from '../weights/safetensors-writer.ts';

const HEAD_SEED = 1;

export interface AssembledModel {
  readonly model: Model;
  /** Whether the folder had no head */
  readonly isHeadSeeded: boolean;
}

/**
 * Makes a model of a folder with encoders and a model.json without hashes. A head that is not there gets initial weights, of the
 * sizes that model.json says, to be trained.
 * @throws ModelError naming the file or the field
 */
export async function assembleModel(root: string, folder: string): Promise<AssembledModel> {
  const definition = await readModelDefinition(folder);
  const head = definition.head.weights;
  const isHeadSeeded = !existsSync(path.join(folder, head));
  const model = await buildModel(root, definition.name, async (target) => {
    for (const name of requiredFiles(definition)) {
      if (name === head && isHeadSeeded) continue;
      const file = path.join(folder, name);
      if (!existsSync(file)) throw new ModelError(`${file} is missing, which model.json names`);
      // A link would have the model change with the user's file.
      await copyFile(file, path.join(target, name));
    }
    if (isHeadSeeded) await writeSafetensors(path.join(target, head), seedHead(toHeadSpec(definition), HEAD_SEED));
    return definition;
  });
  return { model, isHeadSeeded };
}
