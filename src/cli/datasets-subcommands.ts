import { type Command, InvalidArgumentError, Option } from 'commander';
import { FOLDER_FORMATS } from './dataset-from-path.ts';
import { addSettingOptions, parsePositiveInteger, readConfigWithFlags } from './options.ts';

/** Settings that decide which pages can be read, and with which model. */
const CHECK_SETTINGS = ['home', 'models', 'dataRoots', 'maxImageBytes', 'maxImagePixels', 'maxStripPixels'] as const;

/** Adds `panelvec datasets` and its commands. */
export function addDatasetsCommands(program: Command): void {
  const datasets = program.command('datasets').description('check datasets, without a service and without an engine');

  const check = datasets
    .command('check')
    .description('read all files of a dataset except their pixels, and report what an embed job would do')
    .argument('<dataset>', 'JSON file with the spec of a job, a folder as for `jobs submit --dataset`, or a CBZ file')
    .addOption(new Option('--panels <format>', 'which panel files of the folder to use').choices(FOLDER_FORMATS))
    .option('--limit <pages>', 'check only the first pages', parsePositiveInteger)
    .option('--all-pages', 'check all pages, not only narrative ones', false)
    .option('--max-bad-pages <share>', 'share of pages that may be unreadable (default: 0.1)', parseShare)
    .option('--panels-per-second <n>', 'how fast the panels will be embedded, for the time', parsePositiveInteger)
    .option('--within-data-roots', 'count files outside of the data folders as unreadable, as the service does', false)
    .option('--json', 'print the report as JSON', false);
  addSettingOptions(check, CHECK_SETTINGS).action(async (target, flags) => {
    const { checkDatasetCommand } = await import('./commands/datasets-commands.ts');
    await checkDatasetCommand(readConfigWithFlags(flags), target, flags);
  });
}

function parseShare(text: string): number {
  const share = Number(text);
  if (text.trim() !== '' && share >= 0 && share <= 1) return share;
  throw new InvalidArgumentError('expected a number from 0 to 1');
}
