import path from 'node:path';
import { seedHead } from '../../src/architectures/head/seeded-head.ts';
import { toHeadSpec } from '../../src/model/model.ts';
import { buildModel, linkFile } from '../../src/model/model-builder.ts';
import { findModel, modelRoots } from '../../src/model/model-folders.ts';
import { requiredFiles } from '../../src/model/model-spec.ts';
import { writeSafetensors } from '../../src/weights/safetensors-writer.ts';

/** Models that were made here have 1. */
const OTHER_SEED = 2;

/** As training makes it: a model with the encoders of another, linked, and a head of its own. Resolves with its name. */
export async function addNewHead(models: string, name: string): Promise<string> {
  const old = await findModel(name, modelRoots(path.dirname(models)));
  const newName = `${name}-new-head`;
  await buildModel(models, newName, async (folder) => {
    const { files: _, golden: __, ...parts } = old.spec;
    const { weights } = parts.head;
    const kept = requiredFiles(parts).filter((file) => file !== weights);
    await Promise.all(kept.map((file) => linkFile(path.join(old.folder, file), path.join(folder, file))));
    await writeSafetensors(path.join(folder, weights), seedHead(toHeadSpec(parts), OTHER_SEED));
    return { ...parts, name: newName };
  });
  return newName;
}
