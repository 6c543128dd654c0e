import { type Command, Option } from 'commander';
import { FOLDER_FORMATS } from './dataset-from-path.ts';
import { ADDRESS_SETTINGS, addSettingOptions, parsePositiveInteger, readConfigWithFlags } from './options.ts';

/** Adds `panelvec jobs` and its commands. */
export function addJobsCommands(program: Command): void {
  const jobs = program.command('jobs').description('submit, list, watch and cancel the jobs of a running service');

  const submit = jobs
    .command('submit')
    .description('submit a job, from a file with its spec or for a dataset')
    .argument('[spec]', 'JSON file with the spec')
    .option(
      '--dataset <path>',
      'folder with manifest.csv, pss_labels.json and panel files (vlm/, ocr/, coco.json, ...); or a folder of images or CBZ files, or a CBZ file',
    )
    .addOption(new Option('--panels <format>', 'which panel files of the folder to use').choices(FOLDER_FORMATS))
    .addOption(
      new Option('--index', 'make a collection to search of the dataset, in place of a store')
        .default(false)
        .conflicts('dryRun'),
    )
    .option('--output <name>', 'name of the store, or the collection, to write')
    .option('--model <name>', 'model (default: the first that the service serves)')
    .option('--limit <pages>', 'embed only the first pages', parsePositiveInteger)
    .option('--all-pages', 'embed all pages, not only narrative ones', false)
    .option('--dry-run', 'only check the dataset, and report what would be embedded', false)
    .option('--key <key>', 'idempotency key: the same key and spec return the same job')
    .option('--watch', 'show the progress until the job ends', false);
  addSettingOptions(submit, ADDRESS_SETTINGS).action(async (spec, flags) => {
    const { submitJobCommand } = await import('./commands/jobs-commands.ts');
    await submitJobCommand(readConfigWithFlags(flags), spec, flags);
  });

  const list = jobs
    .command('list')
    .description('list jobs, newest first')
    .option('--state <state>', 'list only jobs in this state')
    .option('--type <type>', 'list only jobs of this type')
    .option('--limit <n>', 'maximum jobs to list');
  addSettingOptions(list, ADDRESS_SETTINGS).action(async (flags) => {
    const { listJobsCommand } = await import('./commands/jobs-commands.ts');
    await listJobsCommand(readConfigWithFlags(flags), flags);
  });

  const watch = jobs.command('watch').description('show the progress of a job').argument('<id>', 'id of the job');
  addSettingOptions(watch, ADDRESS_SETTINGS).action(async (id, flags) => {
    const { watchJobCommand } = await import('./commands/jobs-commands.ts');
    await watchJobCommand(readConfigWithFlags(flags), id);
  });

  const cancel = jobs.command('cancel').description('cancel a job').argument('<id>', 'id of the job');
  addSettingOptions(cancel, ADDRESS_SETTINGS).action(async (id, flags) => {
    const { cancelJobCommand } = await import('./commands/jobs-commands.ts');
    await cancelJobCommand(readConfigWithFlags(flags), id);
  });
}
