import type { Config } from '../../config.ts';
import { homeModelsFolder } from '../../model/model-folders.ts';
import { assembleModel } from '../../model-tools/assemble-model.ts';
import { describeModel } from '../describe-model.ts';

/** Creates a model of a folder that somebody filled. @throws PanelvecError if a file is missing, or model.json is no description of a model */
export async function assembleModelCommand({ home }: Config, folder: string): Promise<void> {
  const { model, isHeadSeeded } = await assembleModel(homeModelsFolder(home), folder);
  process.stdout.write(`${describeModel(model)}\n`);
  if (isHeadSeeded) {
    process.stderr.write(
      `${model.spec.head.weights} was not there: the head has initial weights. Train it before you use its vectors\n`,
    );
  }
}
