import { type Command, Option } from 'commander';
import { FOLDER_FORMATS } from './dataset-from-path.ts';
import { addSettingOptions, LOCAL_SETTINGS, parsePositiveInteger, readConfigWithFlags } from './options.ts';

const EVALUATE_SETTINGS = [
  ...LOCAL_SETTINGS,
  'maxStripPixels',
  'decodeThreads',
  'dataRoots',
  'maxFeaturesBytes',
] as const;

/** Adds `panelvec evaluate`. */
export function addEvaluateCommand(program: Command): void {
  const evaluate = program
    .command('evaluate')
    .description('measure what vectors are worth on a dataset, without a service, and write a report')
    .argument(
      '<dataset>',
      'JSON file with the spec of an evaluate job, a folder as for `jobs submit --dataset`, or a CBZ file',
    )
    .option('--output <name>', 'name of the evaluation to write; required without a spec')
    .option('--model <name...>', 'models to measure as they are (default: the first of PANELVEC_MODELS)')
    .option('--baseline <kind...>', 'baselines to train beside them: v1, reference, raw')
    .option('--folds <n>', 'folds of whole books, each measured by what is trained on the others', parsePositiveInteger)
    .addOption(new Option('--panels <format>', 'which panel files of the folder to use').choices(FOLDER_FORMATS))
    .option('--limit <pages>', 'take only the first pages', parsePositiveInteger)
    .option('--all-pages', 'take all pages, not only narrative ones', false);
  addSettingOptions(evaluate, EVALUATE_SETTINGS).action(async (dataset, flags) => {
    const { evaluateCommand } = await import('./commands/evaluate-command.ts');
    await evaluateCommand(readConfigWithFlags(flags), dataset, flags);
  });
}
