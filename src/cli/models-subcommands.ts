import { type Command, Option } from 'commander';
import { FUSION_MODES } from '../model/head-spec.ts';
import { PRECISIONS } from '../model/spec-fields.ts';
import { STAGE3_BASE } from '../model-tools/stage3-base/stage3-files.ts';
import {
  addSettingOptions,
  HUB_SETTINGS,
  LOCAL_SETTINGS,
  parsePositiveInteger,
  readConfigWithFlags,
} from './options.ts';
import { addPromotionCommands } from './promotion-subcommands.ts';

/** Adds `panelvec models` and its commands. */
export function addModelsCommands(program: Command): void {
  const models = program
    .command('models')
    .description('list, verify, download, import, convert, export and activate models');

  addSettingOptions(models.command('list').description('list the models of this machine'), ['home']).action(
    async (flags) => {
      const { listModelsCommand } = await import('./commands/models-commands.ts');
      await listModelsCommand(readConfigWithFlags(flags));
    },
  );

  const verify = models
    .command('verify')
    .description('check the files and hashes of models, load them, and compare their golden vectors')
    .argument('[name...]', 'models to verify (default: all)');
  addSettingOptions(verify, LOCAL_SETTINGS).action(async (names, flags) => {
    const { verifyModelsCommand } = await import('./commands/models-commands.ts');
    await verifyModelsCommand(readConfigWithFlags(flags), names);
  });

  const pull = models
    .command('pull')
    .description('download the pretrained encoders of a model from a Hugging Face hub')
    .argument('<name>', `model to download: ${STAGE3_BASE}`);
  addSettingOptions(pull, HUB_SETTINGS).action(async (name, flags) => {
    const { pullModelCommand } = await import('./commands/models-stage3-commands.ts');
    await pullModelCommand(readConfigWithFlags(flags), name);
  });

  const init = models
    .command('init')
    .description('create a model of full size with random weights, for benchmarks without a hub')
    .argument('<name>', `model to create: ${STAGE3_BASE}`)
    .option('--seed <n>', 'seed of the weights', parsePositiveInteger, 1);
  addSettingOptions(init, ['home']).action(async (name, flags) => {
    const { initModelCommand } = await import('./commands/models-stage3-commands.ts');
    await initModelCommand(readConfigWithFlags(flags), name, flags);
  });

  const assemble = models
    .command('assemble')
    .description(
      'create a model from a folder with encoders and a model.json, which needs no hashes; a head is made if there is none',
    )
    .argument('<folder>', 'folder with model.json and the files that it names');
  addSettingOptions(assemble, ['home']).action(async (folder, flags) => {
    const { assembleModelCommand } = await import('./commands/models-assemble-command.ts');
    await assembleModelCommand(readConfigWithFlags(flags), folder);
  });

  const importCheckpoint = models
    .command('import')
    .description('create a model from a Stage 3 checkpoint: PyTorch or safetensors')
    .argument(
      '<file>',
      'checkpoint: .pt, .pth, .bin, .ckpt or .safetensors, an index of shards, or a folder with one of these',
    )
    .option('--name <name>', 'name of the new model (default: name of the file)')
    .option('--tokenizer <file>', 'tokenizer.json; without one the model accepts only token ids')
    .addOption(
      new Option(
        '--fusion-mode <mode>',
        'how absent modalities are treated (default: reference, as in PyTorch)',
      ).choices([...FUSION_MODES]),
    )
    .option('--prefix <prefix>', 'take the weights below this prefix, if the checkpoint holds several models')
    .option('--siglip-heads <n>', 'attention heads of SigLIP, if its width is unknown', parsePositiveInteger)
    .option('--text-heads <n>', 'attention heads of the text encoder, if its width is unknown', parsePositiveInteger)
    .option('--image-size <n>', 'side of the images in pixels, for a model without SigLIP', parsePositiveInteger)
    .option('--max-tokens <n>', 'maximum tokens of a text', parsePositiveInteger);
  addSettingOptions(importCheckpoint, ['home']).action(async (file, flags) => {
    const { importModelCommand } = await import('./commands/models-import-command.ts');
    await importModelCommand(readConfigWithFlags(flags), file, flags);
  });

  const optimize = models
    .command('optimize')
    .description('convert a model to another precision, if its vectors stay close enough')
    .argument('<name>', 'model to convert')
    .addOption(
      new Option('--precision <precision>', 'int8 for the CPU, fp16 for GPUs, auto for int8 where it is faster')
        .choices([...PRECISIONS.filter((precision) => precision !== 'fp32'), 'auto'])
        .makeOptionMandatory(),
    )
    .option(
      '--calibration <dataset>',
      'for int8: a folder with pages, or the spec of a job, whose panels tell the ranges (default: the example pages)',
    )
    .option('--name <name>', 'name of the new model (default: <name>-<precision>)')
    .option(
      '--images <file...>',
      'images to compare the vectors of (default: panels of the calibration, or generated patterns)',
    );
  addSettingOptions(optimize, LOCAL_SETTINGS).action(async (name, flags) => {
    const { optimizeModelCommand } = await import('./commands/models-optimize-command.ts');
    await optimizeModelCommand(readConfigWithFlags(flags), name, flags);
  });

  addPromotionCommands(models);

  const exportWeights = models
    .command('export')
    .description('write the weights of a model to one safetensors file, under the key names of the PyTorch checkpoint')
    .argument('<name>', 'model to export')
    .requiredOption('--out <file>', '.safetensors file to write');
  addSettingOptions(exportWeights, ['home']).action(async (name, flags) => {
    const { exportModelCommand } = await import('./commands/models-import-command.ts');
    await exportModelCommand(readConfigWithFlags(flags), name, flags.out);
  });
}
