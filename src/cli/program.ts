import { Command, InvalidArgumentError, Option } from 'commander';
import { type Config, readConfig, SETTINGS } from '../config.ts';
import { FUSION_MODES } from '../model/head-spec.ts';
import { PRECISIONS } from '../model/model-spec.ts';
import { STAGE3_BASE } from '../model-tools/stage3-base/stage3-files.ts';
import { VERSION } from '../version.ts';
import { embedCommand } from './commands/embed-command.ts';
import { healthCommand } from './commands/health-command.ts';
import { cancelJobCommand, listJobsCommand, submitJobCommand, watchJobCommand } from './commands/jobs-commands.ts';
import { listModelsCommand, verifyModelsCommand } from './commands/models-commands.ts';
import { exportModelCommand, importModelCommand } from './commands/models-import-command.ts';
import { optimizeModelCommand } from './commands/models-optimize-command.ts';
import { initModelCommand, pullModelCommand } from './commands/models-stage3-commands.ts';
import { serveCommand } from './commands/serve-command.ts';
import { workerCommand } from './commands/worker-command.ts';

/** Settings that matter where nothing is served. */
const LOCAL_SETTINGS = [
  'home',
  'models',
  'provider',
  'devices',
  'threads',
  'maxBatch',
  'maxImageBytes',
  'maxImagePixels',
] as const;

const WORKER_SETTINGS = [
  ...LOCAL_SETTINGS,
  'decodeThreads',
  'batchTimeoutSeconds',
  'startTimeoutSeconds',
  'databaseUrl',
  'dataRoots',
  'workerEngines',
  'maxFeaturesBytes',
  'logLevel',
] as const;

const ADDRESS_SETTINGS = ['host', 'port'] as const;

const HUB_SETTINGS: readonly string[] = ['hubEndpoint', 'hubToken'];

export function createProgram(): Command {
  const program = new Command('panelvec')
    .description('Comic panels, their texts and their places on the page as vectors in one space')
    .version(VERSION)
    .showHelpAfterError('(add --help for the usage)')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'panelvec: ')) });

  const serveSettings = Object.keys(SETTINGS).filter((key) => !HUB_SETTINGS.includes(key));
  withSettings(program.command('serve').description('start the HTTP service'), serveSettings).action((flags) =>
    serveCommand(readConfigWithFlags(flags)),
  );

  withSettings(program.command('health').description('ask a running service whether it is ready'), [
    'host',
    'port',
  ]).action((flags) => healthCommand(readConfigWithFlags(flags)));

  withSettings(
    program.command('worker').description('work on jobs, of this or another machine'),
    WORKER_SETTINGS,
  ).action((flags) => workerCommand(readConfigWithFlags(flags)));

  addJobsCommand(program);

  const embed = program
    .command('embed')
    .description('embed image files, texts, or files each with its text, without a server')
    .argument('[file...]', 'JPEG, PNG or WebP files')
    .option('--text <text...>', 'texts; with files, one for each file')
    .option('--out <file>', 'where to write: .npy (NumPy float32) or .jsonl; JSON lines to standard output by default')
    .option('--normalize', 'give the vectors unit length', false)
    .option('--dimensions <n>', 'keep the first numbers only')
    .addOption(new Option('--output <name>', 'which vector').choices(['fused', 'vision', 'text']).default('fused'));
  withSettings(embed, LOCAL_SETTINGS).action((files, flags) => embedCommand(readConfigWithFlags(flags), files, flags));

  const models = program.command('models').description('look at the models of this machine');
  withSettings(models.command('list').description('list models'), ['home']).action((flags) =>
    listModelsCommand(readConfigWithFlags(flags)),
  );
  withSettings(
    models
      .command('verify')
      .description('check files, hashes, sessions and golden vectors')
      .argument('[name...]', 'models; all by default'),
    LOCAL_SETTINGS,
  ).action((names, flags) => verifyModelsCommand(readConfigWithFlags(flags), names));

  withSettings(
    models
      .command('pull')
      .description('bring the pretrained encoders of a model from a Hugging Face hub')
      .argument('<name>', STAGE3_BASE),
    // The token has no flag: everybody on a machine can read the flags of its processes.
    ['home', 'hubEndpoint'],
  ).action((name, flags) => pullModelCommand(readConfigWithFlags(flags), name));
  withSettings(
    models
      .command('init')
      .description('make a model of full size with seeded weights, for measuring where there is no hub')
      .argument('<name>', STAGE3_BASE)
      .option('--seed <n>', 'other seeds give other weights', parsePositiveInteger, 1),
    ['home'],
  ).action((name, flags) => initModelCommand(readConfigWithFlags(flags), name, flags));
  withSettings(
    models
      .command('import')
      .description('make a model of a Stage 3 checkpoint: PyTorch (.pt) or safetensors')
      .argument('<file>')
      .option('--name <name>', 'of the new model; that of the file by default')
      .option('--tokenizer <file>', 'a tokenizer.json; without one the model takes token ids alone')
      .addOption(
        new Option('--fusion-mode <mode>', 'reference computes as the original does, and is the default').choices([
          ...FUSION_MODES,
        ]),
      )
      .option('--siglip-heads <n>', 'attention heads of SigLIP, where its width does not tell', parsePositiveInteger)
      .option(
        '--text-heads <n>',
        'attention heads of the text encoder, where its width does not tell',
        parsePositiveInteger,
      )
      .option('--image-size <n>', 'side of the pictures, where no SigLIP tells', parsePositiveInteger)
      .option('--max-tokens <n>', 'longest text', parsePositiveInteger),
    ['home'],
  ).action((file, flags) => importModelCommand(readConfigWithFlags(flags), file, flags));
  withSettings(
    models
      .command('optimize')
      .description('make a model in another precision, if its vectors stay where they are')
      .argument('<name>')
      .addOption(
        new Option('--precision <precision>', 'int8 for the CPU, fp16 for GPUs')
          .choices(PRECISIONS.filter((precision) => precision !== 'fp32'))
          .makeOptionMandatory(),
      )
      .option('--name <name>', 'of the new model; <name>-<precision> by default')
      .option('--images <file...>', 'pictures to compare vectors of, in place of drawn ones'),
    LOCAL_SETTINGS,
  ).action((name, flags) => optimizeModelCommand(readConfigWithFlags(flags), name, flags));
  withSettings(
    models
      .command('export')
      .description("write a model's weights to one safetensors file, under the original's key names")
      .argument('<name>')
      .requiredOption('--out <file>', 'where to write'),
    ['home'],
  ).action((name, flags) => exportModelCommand(readConfigWithFlags(flags), name, flags.out));

  return program;
}

function parsePositiveInteger(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('expected a positive integer');
}

/** A flag for each setting; a flag wins over its variable. */
function withSettings(command: Command, keys: readonly string[]): Command {
  command.exitOverride();
  for (const key of keys as readonly (keyof typeof SETTINGS)[]) {
    const { env, flag, help, defaultValue: fallback } = SETTINGS[key];
    command.addOption(new Option(`${flag} <value>`, `${help} [${env}, default ${fallback}]`));
  }
  return command;
}

function readConfigWithFlags(flags: Record<string, unknown>): Config {
  const environment = { ...process.env };
  for (const { env, flag } of Object.values(SETTINGS)) {
    const value = flags[camelCase(flag)];
    if (typeof value === 'string') environment[env] = value;
  }
  return readConfig(environment);
}

/** Commander's own naming of flags: --max-batch becomes maxBatch. */
function camelCase(flag: string): string {
  return flag.replace(/^--/, '').replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function addJobsCommand(program: Command): void {
  const jobs = program.command('jobs').description('submit, list, watch and cancel the jobs of a running service');
  const submit = jobs
    .command('submit')
    .description('submit a spec file, or a dataset folder')
    .argument('[spec]', 'JSON file with the spec')
    .option('--dataset <folder>', 'folder with manifest.csv, pss_labels.json and vlm/ or ocr/')
    .addOption(new Option('--panels <format>', 'which panel files of the folder').choices(['vlm', 'ocr']))
    .option('--output <name>', 'name of the store')
    .option('--model <name>', 'model; the first served one by default')
    .option('--limit <pages>', 'the first pages only', parsePositiveInteger)
    .option('--all-pages', 'not only narrative pages', false)
    .option('--key <key>', 'idempotency key: the same key and spec give the same job again')
    .option('--watch', 'show the progress until the job ends', false);
  withSettings(submit, ADDRESS_SETTINGS).action((spec, flags) =>
    submitJobCommand(readConfigWithFlags(flags), spec, flags),
  );
  const list = jobs
    .command('list')
    .description('list jobs, newest first')
    .option('--state <state>', 'of this state only')
    .option('--type <type>', 'of this type only')
    .option('--limit <n>', 'how many');
  withSettings(list, ADDRESS_SETTINGS).action((flags) => listJobsCommand(readConfigWithFlags(flags), flags));
  withSettings(
    jobs.command('watch').description('show the progress of a job').argument('<id>', 'job'),
    ADDRESS_SETTINGS,
  ).action((id, flags) => watchJobCommand(readConfigWithFlags(flags), id));
  withSettings(jobs.command('cancel').description('cancel a job').argument('<id>', 'job'), ADDRESS_SETTINGS).action(
    (id, flags) => cancelJobCommand(readConfigWithFlags(flags), id),
  );
}
