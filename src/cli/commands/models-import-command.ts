import path from 'node:path';
import type { Config } from '../../config.ts';
import { PanelvecError } from '../../errors.ts';
import type { FusionMode } from '../../model/head-spec.ts';
import { findModel, homeModelsFolder, modelRoots } from '../../model/model-folders.ts';
import { exportModel } from '../../model-tools/pytorch-checkpoint/export-model.ts';
import { importModel } from '../../model-tools/pytorch-checkpoint/import-model.ts';
import { SHARD_INDEX_NAME } from '../../weights/sharded-weights.ts';
import { describeModel } from '../describe-model.ts';

export interface ImportFlags {
  readonly name?: string;
  readonly tokenizer?: string;
  readonly fusionMode?: FusionMode;
  readonly siglipHeads?: number;
  readonly textHeads?: number;
  readonly imageSize?: number;
  readonly maxTokens?: number;
  readonly prefix?: string;
}

/** Creates a model from a checkpoint. @throws PanelvecError if the file is not one of a Stage 3 model, or an option is missing */
export async function importModelCommand({ home }: Config, file: string, flags: ImportFlags): Promise<void> {
  const model = await importModel(homeModelsFolder(home), file, {
    ...flags,
    name: flags.name ?? modelNameFromFile(file),
    onNote: (note) => process.stderr.write(`${file}: ${note}\n`),
  });
  process.stdout.write(`${describeModel(model)}\n`);
  if (model.spec.text.tokenizer === undefined) {
    process.stderr.write('no --tokenizer was given: the model accepts only token ids\n');
  }
}

/** Writes the weights of a model to one file. @throws PanelvecError */
export async function exportModelCommand({ home }: Config, name: string, file: string): Promise<void> {
  if (!file.endsWith('.safetensors')) {
    throw new PanelvecError('invalid_request', `${file}: exports are safetensors files`, { param: '--out' });
  }
  const model = await findModel(name, modelRoots(home));
  const tensors = await exportModel(model, file);
  process.stdout.write(`${file}: ${tensors} tensors of ${model.id}\n`);
}

/** Name for the model of a checkpoint: best_model.pt becomes best_model, and an index of shards has the name of its folder. */
function modelNameFromFile(file: string): string {
  const named = SHARD_INDEX_NAME.test(file) ? path.dirname(path.resolve(file)) : path.resolve(file);
  return path
    .basename(named)
    .replace(/\.(pt|pth|bin|ckpt|safetensors)$/i, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '');
}
