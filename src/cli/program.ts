import { Command, Option } from 'commander';
import { VERSION } from '../version.ts';
import { addCollectionsCommands } from './collections-subcommands.ts';
import { addDatasetsCommands } from './datasets-subcommands.ts';
import { addEvaluateCommand } from './evaluate-subcommand.ts';
import { addJobsCommands } from './jobs-subcommands.ts';
import { addKeysCommands } from './keys-subcommands.ts';
import { addModelsCommands } from './models-subcommands.ts';
import {
  ADDRESS_SETTINGS,
  addSettingOptions,
  LAYOUT_SETTINGS,
  LOCAL_SETTINGS,
  MIGRATE_SETTINGS,
  readConfigWithFlags,
  SERVE_SETTINGS,
  WORKER_SETTINGS,
} from './options.ts';

/**
 * The command line. Each command is imported when it runs: most need ONNX Runtime or a database, whose loading would delay
 * `--help` and every error.
 */
export function createProgram(): Command {
  const program = new Command('panelvec')
    .description('Embed comic panels, their text and their position on the page in one vector space')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .showHelpAfterError('(add --help for the usage)')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'panelvec: ')) });

  addSettingOptions(program.command('serve').description('start the HTTP service'), SERVE_SETTINGS).action(
    async (flags) => {
      const { serveCommand } = await import('./commands/serve-command.ts');
      await serveCommand(readConfigWithFlags(flags));
    },
  );

  const health = program.command('health').description('check whether a running service is ready');
  addSettingOptions(health, ADDRESS_SETTINGS).action(async (flags) => {
    const { healthCommand } = await import('./commands/health-command.ts');
    await healthCommand(readConfigWithFlags(flags));
  });

  const layout = program
    .command('layout')
    .description(
      'measure how many engines, threads and decoders are fastest on this machine; services start with them',
    );
  addSettingOptions(layout, LAYOUT_SETTINGS).action(async (flags) => {
    const { layoutCommand } = await import('./commands/layout-command.ts');
    await layoutCommand(readConfigWithFlags(flags));
  });

  const worker = program.command('worker').description('process jobs of a service on this or another machine');
  addSettingOptions(worker, WORKER_SETTINGS).action(async (flags) => {
    const { workerCommand } = await import('./commands/worker-command.ts');
    await workerCommand(readConfigWithFlags(flags));
  });

  const migrate = program
    .command('migrate')
    .description('bring the tables of the PostgreSQL server of DATABASE_URL up to date');
  addSettingOptions(migrate, MIGRATE_SETTINGS).action(async (flags) => {
    const { migrateCommand } = await import('./commands/migrate-command.ts');
    await migrateCommand(readConfigWithFlags(flags));
  });

  addEvaluateCommand(program);
  addJobsCommands(program);
  addCollectionsCommands(program);
  addDatasetsCommands(program);
  addKeysCommands(program);

  const embed = program
    .command('embed')
    .description('embed images, texts, or images with one text each, without a service')
    .argument('[file...]', 'images, CBZ files or folders; a book gives a row for each page, in natural order')
    .option('--text <text...>', 'texts; if files are given, one text for each image')
    .option('--out <file>', 'write to a .npy (NumPy float32) or .jsonl file (default: JSON lines to standard output)')
    .option('--normalize', 'scale the vectors to unit length', false)
    .option('--dimensions <n>', 'keep only the first n numbers of each vector')
    .addOption(
      new Option('--output <name>', 'which vector to write').choices(['fused', 'vision', 'text']).default('fused'),
    );
  addSettingOptions(embed, LOCAL_SETTINGS).action(async (files, flags) => {
    const { embedCommand } = await import('./commands/embed-command.ts');
    await embedCommand(readConfigWithFlags(flags), files, flags);
  });

  const zeroShot = program
    .command('zero-shot')
    .description('score labels or sentences against images, without a service')
    .argument('<file...>', 'images, CBZ files or folders; a book gives a row for each page, in natural order')
    .requiredOption('--label <text...>', 'words or sentences')
    .option('--template <text>', 'a sentence with {} in the place of the label', '{}');
  addSettingOptions(zeroShot, LOCAL_SETTINGS).action(async (files, flags) => {
    const { zeroShotCommand } = await import('./commands/zero-shot-command.ts');
    await zeroShotCommand(readConfigWithFlags(flags), files, flags);
  });

  addModelsCommands(program);
  return program;
}
