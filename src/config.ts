/** The only reader of the environment. Each setting is an environment variable and an option of the same name. */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { LOCAL_SOCKETS, type LocalSockets } from './database/database-address.ts';
import { PanelvecError } from './errors.ts';
import { type EngineLayout, MAX_DECODE_THREADS, plainLayout } from './inference/engine-layout.ts';
import { defaultModelsMemoryBytes } from './inference/model-memory.ts';
import { PROVIDERS } from './onnxruntime/provider.ts';

const positiveInteger = z.coerce.number().int().positive();
const nonNegativeInteger = z.coerce.number().int().min(0);
const powerOfTwo = positiveInteger
  .max(1024)
  .refine((number) => Number.isInteger(Math.log2(number)), 'must be a power of two');
/** More engines on one device would only take memory. */
const MAX_ENGINES = 64;

/** A name or an address; that of IPv6 also in brackets, as in a URL. */
const hostSchema = z
  .string()
  .transform((host) => host.replace(/^\[(.*)\]$/, '$1'))
  .pipe(
    z
      .string()
      .min(1)
      .regex(/^(?!.*[/\s])(?!\[)(?![^:]*:\d+$)/, 'must be a name or an address, without a scheme and a port'),
  );

const autoOr = (schema: z.ZodType<number>) => z.union([z.literal('auto'), schema]);
const seconds = z.coerce.number().positive().max(86_400);
const commaSeparated = (itemSchema: z.ZodString) =>
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(itemSchema).min(1));

export interface Setting<T> {
  readonly env: string;
  readonly flag: string;
  readonly schema: z.ZodType<T>;
  readonly defaultValue: string;
  readonly help: string;
  /** Whether its value is in no message, and is not passed on to child processes */
  readonly isSecret?: boolean;
}

function defineSetting<T>(env: string, schema: z.ZodType<T>, defaultValue: string | number, help: string): Setting<T> {
  const flag = `--${env
    .replace(/^PANELVEC_/, '')
    .toLowerCase()
    .replaceAll('_', '-')}`;
  return { env, flag, schema, defaultValue: String(defaultValue), help };
}

/** All settings, by the name of their field in Config. Names of limits end in their unit. */
export const SETTINGS = {
  host: defineSetting('HOST', hostSchema, '127.0.0.1', 'address that the service listens on'),
  port: defineSetting(
    'PORT',
    z.coerce.number().int().min(0).max(65_535),
    8080,
    'port that the service listens on; 0 for a free one',
  ),
  healthPort: defineSetting(
    'PANELVEC_HEALTH_PORT',
    z
      .string()
      .regex(/^\d{0,5}$/, 'must be a port')
      .transform((text) => (text === '' ? undefined : Number(text)))
      .refine((port) => port === undefined || port <= 65_535, 'must be a port'),
    '',
    'port that answers GET /health/live from a thread of its own, which load does not reach; none without it',
  ),
  maxConnections: defineSetting(
    'PANELVEC_MAX_CONNECTIONS',
    positiveInteger,
    4096,
    'maximum open connections; further ones are closed at once',
  ),
  allowAnonymous: defineSetting(
    'PANELVEC_ALLOW_ANONYMOUS',
    z.enum(['0', '1']),
    '0',
    'whether everybody may do everything without a key: 0 or 1; at first no key is needed on a loopback address',
  ),
  home: defineSetting(
    'PANELVEC_HOME',
    z
      .string()
      .min(1)
      .transform((home) => path.resolve(home)),
    './var',
    'folder for models and data',
  ),
  models: defineSetting(
    'PANELVEC_MODELS',
    commaSeparated(z.string().min(1)),
    'compact',
    'comma-separated models to load; the first is the default',
  ),
  modelAliases: defineSetting(
    'PANELVEC_MODEL_ALIASES',
    z
      .string()
      .transform((text) => (text === '' ? [] : text.split(',').map((part) => part.trim())))
      .pipe(z.array(z.string().regex(/^[^=\s]+=[^=\s]+$/, 'must be alias=model'))),
    '',
    'comma-separated further names of loaded models: text-embedding-3-small=compact',
  ),
  modelsMemoryBytes: defineSetting(
    'PANELVEC_MODELS_MEMORY_BYTES',
    positiveInteger,
    defaultModelsMemoryBytes(),
    'maximum bytes of memory of the engines of all models; models that are not in use leave first',
  ),
  rollbackSeconds: defineSetting(
    'PANELVEC_ROLLBACK_SECONDS',
    z.coerce.number().min(0),
    900,
    'seconds that the model before an activation stays loaded, for a rollback without a load',
  ),
  driftCheckSeconds: defineSetting(
    'PANELVEC_DRIFT_CHECK_SECONDS',
    seconds,
    60,
    'seconds between two checks that every engine still computes its model',
  ),
  provider: defineSetting(
    'PANELVEC_PROVIDER',
    z.enum(['auto', ...PROVIDERS]),
    'auto',
    'ONNX Runtime execution provider: auto, cpu, cuda, webgpu or tensorrt',
  ),
  devices: defineSetting(
    'PANELVEC_DEVICES',
    commaSeparated(z.string().regex(/^\d+$/, 'must be device numbers')).transform((ids) => ids.map(Number)),
    '0',
    'comma-separated device numbers; each device gets PANELVEC_ENGINES engine processes',
  ),
  engines: defineSetting(
    'PANELVEC_ENGINES',
    autoOr(positiveInteger.max(MAX_ENGINES)),
    'auto',
    'engine processes of a model on each device; auto: as measured, or as fits the cores',
  ),
  threads: defineSetting(
    'PANELVEC_THREADS',
    autoOr(positiveInteger),
    'auto',
    'threads of an engine that runs on the CPU; auto: the cores, shared out among the engines',
  ),
  decodeThreads: defineSetting(
    'PANELVEC_DECODE_THREADS',
    autoOr(positiveInteger.max(MAX_DECODE_THREADS)),
    'auto',
    'images to decode at the same time; auto: as measured, or as fits the cores',
  ),
  maxBatch: defineSetting('PANELVEC_MAX_BATCH', powerOfTwo, 8, 'maximum panels in one inference run'),
  bulkBatch: defineSetting(
    'PANELVEC_BULK_BATCH',
    positiveInteger,
    1,
    'maximum panels in one run of a job while requests come in',
  ),
  maxItems: defineSetting('PANELVEC_MAX_ITEMS', positiveInteger, 64, 'maximum panels in a request'),
  maxTexts: defineSetting('PANELVEC_MAX_TEXTS', positiveInteger, 2048, 'maximum texts in a request of texts alone'),
  maxBodyBytes: defineSetting('PANELVEC_MAX_BODY_BYTES', positiveInteger, 64 * 2 ** 20, 'maximum bytes of a request'),
  maxBodiesBytes: defineSetting(
    'PANELVEC_MAX_BODIES_BYTES',
    positiveInteger,
    512 * 2 ** 20,
    'maximum bytes of all requests that are being received',
  ),
  maxJsonBytes: defineSetting(
    'PANELVEC_MAX_JSON_BYTES',
    positiveInteger,
    32 * 2 ** 20,
    'maximum bytes of a JSON body; larger requests must be multipart forms',
  ),
  maxJsonValues: defineSetting(
    'PANELVEC_MAX_JSON_VALUES',
    positiveInteger,
    32_768,
    'maximum values in the JSON of a request',
  ),
  maxTensorValues: defineSetting(
    'PANELVEC_MAX_TENSOR_VALUES',
    positiveInteger,
    500_000,
    'maximum values in the JSON tensors of a request; bytes limit binary tensors',
  ),
  maxImageBytes: defineSetting(
    'PANELVEC_MAX_IMAGE_BYTES',
    positiveInteger,
    20 * 2 ** 20,
    'maximum bytes of an encoded image',
  ),
  maxImagePixels: defineSetting('PANELVEC_MAX_IMAGE_PIXELS', positiveInteger, 40_000_000, 'maximum pixels of an image'),
  maxStripPixels: defineSetting(
    'PANELVEC_MAX_STRIP_PIXELS',
    positiveInteger,
    200_000_000,
    'maximum pixels of a page that is decoded region by region, because it has more pixels than an image may have',
  ),
  maxTextCharacters: defineSetting(
    'PANELVEC_MAX_TEXT_CHARACTERS',
    positiveInteger,
    20_000,
    'maximum characters of a text',
  ),
  maxQueueItems: defineSetting(
    'PANELVEC_MAX_QUEUE_ITEMS',
    positiveInteger,
    512,
    'maximum panels that the service has accepted and not answered',
  ),
  maxQueueTexts: defineSetting(
    'PANELVEC_MAX_QUEUE_TEXTS',
    positiveInteger,
    8192,
    'maximum texts of such requests that the service has accepted and not answered',
  ),
  maxWaitSeconds: defineSetting(
    'PANELVEC_MAX_WAIT_SECONDS',
    seconds,
    2,
    'maximum seconds that an accepted request is expected to wait for its turn; others are refused at once',
  ),
  requestTimeoutSeconds: defineSetting(
    'PANELVEC_REQUEST_TIMEOUT_SECONDS',
    seconds,
    60,
    'maximum seconds to receive a request',
  ),
  queueTimeoutSeconds: defineSetting(
    'PANELVEC_QUEUE_TIMEOUT_SECONDS',
    seconds,
    30,
    'maximum seconds that a panel waits for an engine',
  ),
  batchTimeoutSeconds: defineSetting(
    'PANELVEC_BATCH_TIMEOUT_SECONDS',
    seconds,
    60,
    'maximum seconds of an inference run; then the engine is killed',
  ),
  startTimeoutSeconds: defineSetting(
    'PANELVEC_START_TIMEOUT_SECONDS',
    seconds,
    300,
    'maximum seconds for the start of an engine',
  ),
  drainTimeoutSeconds: defineSetting(
    'PANELVEC_DRAIN_TIMEOUT_SECONDS',
    seconds,
    30,
    'maximum seconds to finish requests after SIGTERM',
  ),
  jobs: defineSetting(
    'PANELVEC_JOBS',
    z.enum(['on', 'off']),
    'on',
    'whether the service accepts and processes jobs: on or off',
  ),
  databaseUrl: defineSetting(
    'DATABASE_URL',
    z
      .string()
      .regex(/^$|^postgres(ql)?:\/\//, 'must begin with postgresql://')
      .transform((url) => (url === '' ? undefined : url)),
    '',
    'PostgreSQL server for jobs and collections; without one the service starts embedded databases',
  ),
  localSockets: defineSetting(
    'PANELVEC_LOCAL_SOCKETS',
    z
      .enum(['auto', ...LOCAL_SOCKETS])
      .transform((kind): LocalSockets => (kind !== 'auto' ? kind : process.platform === 'win32' ? 'tcp' : 'unix'))
      .refine((kind) => kind === 'tcp' || process.platform !== 'win32', 'Windows has no Unix sockets here: use tcp'),
    'auto',
    'how processes reach the embedded database: auto, unix, or tcp (on the loopback interface)',
  ),
  search: defineSetting(
    'PANELVEC_SEARCH',
    z.enum(['on', 'off']),
    'on',
    'whether the service keeps collections and searches them: on or off; their embedded database needs PANELVEC_JOBS=on',
  ),
  exampleCollection: defineSetting(
    'PANELVEC_EXAMPLE_COLLECTION',
    z.enum(['on', 'off']),
    'on',
    'whether a service without collections indexes the example pages when it starts: on or off',
  ),
  dataRoots: defineSetting(
    'PANELVEC_DATA_ROOTS',
    commaSeparated(z.string().min(1)).transform((roots) => roots.map((root) => path.resolve(root))),
    '.',
    'comma-separated folders that jobs may read',
  ),
  workers: defineSetting(
    'PANELVEC_WORKERS',
    nonNegativeInteger,
    1,
    'number of worker processes that the service starts',
  ),
  workerEngines: defineSetting(
    'PANELVEC_WORKER_ENGINES',
    z.enum(['shared', 'own']),
    'shared',
    'engines of those workers: shared with the service, or their own',
  ),
  workerIdleSeconds: defineSetting(
    'PANELVEC_WORKER_IDLE_SECONDS',
    z.coerce.number().min(0),
    60,
    'seconds without a task after which such a worker ends, until there is one again; 0 to keep workers',
  ),
  maxFeaturesBytes: defineSetting(
    'PANELVEC_MAX_FEATURES_BYTES',
    nonNegativeInteger,
    20 * 2 ** 30,
    'maximum bytes of the cache of pooled features; 0 for no cache',
  ),
  featuresMemoryBytes: defineSetting(
    'PANELVEC_FEATURES_MEMORY_BYTES',
    nonNegativeInteger,
    64 * 2 ** 20,
    'maximum bytes of the pooled features that the service keeps in memory for requests; 0 computes equal requests again',
  ),
  maxEngineBytes: defineSetting(
    'PANELVEC_MAX_ENGINE_BYTES',
    autoOr(nonNegativeInteger),
    'auto',
    'bytes of memory from which an engine process is replaced between two batches; auto for four times of what it takes at first; 0 for none',
  ),
  poisonedSeconds: defineSetting(
    'PANELVEC_POISONED_SECONDS',
    z.coerce.number().min(0).max(86_400),
    600,
    'seconds that a panel which ended its engine is refused at once',
  ),
  mlflowTrackingUri: defineSetting(
    'MLFLOW_TRACKING_URI',
    z
      .string()
      .regex(/^$|^https?:\/\//, 'must begin with http:// or https://')
      .transform((uri) => (uri === '' ? undefined : uri)),
    '',
    'MLflow server that receives the metrics and reports of trainings',
  ),
  mlflowExperiment: defineSetting(
    'MLFLOW_EXPERIMENT_NAME',
    z.string().min(1),
    'panelvec',
    'MLflow experiment of the trainings',
  ),
  mlflowToken: defineSetting(
    'MLFLOW_TRACKING_TOKEN',
    z.string().transform((token) => (token === '' ? undefined : token)),
    '',
    'bearer token for the MLflow server',
  ),
  apiKey: {
    ...defineSetting(
      'PANELVEC_API_KEY',
      z
        .string()
        .regex(/^[\x21-\x7e]*$/, 'must have no spaces and no characters beyond ASCII')
        .transform((key) => (key === '' ? undefined : key)),
      '',
      'key that commands send to the service',
    ),
    isSecret: true,
  },
  hubEndpoint: defineSetting(
    'HF_ENDPOINT',
    z.string(),
    'https://huggingface.co',
    'URL of the hub to download models from',
  ),
  hubToken: defineSetting(
    'HF_TOKEN',
    z.string().transform((token) => (token === '' ? undefined : token)),
    '',
    'access token for the hub',
  ),
  logLevel: defineSetting(
    'LOG_LEVEL',
    z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']),
    'info',
    'lowest level of log lines: silent, fatal, error, warn, info, debug or trace',
  ),
} as const satisfies Record<string, Setting<unknown>>;

type Settings = typeof SETTINGS;
type SettingValues = { readonly [K in keyof Settings]: z.output<Settings[K]['schema']> };
export interface Config extends Omit<SettingValues, keyof EngineLayout>, EngineLayout {
  /** What the settings say themselves of the layout. The rest is that of a command; a service chooses its own. */
  readonly fixedLayout: Partial<EngineLayout>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads and validates all settings. An empty variable counts as not set.
 * @throws PanelvecError config_invalid naming the variable
 */
export function readConfig(environment: Environment = process.env): Config {
  const entries = Object.entries(SETTINGS).map(([key, setting]) => {
    const { env, flag, schema, defaultValue, isSecret = false }: Setting<unknown> = setting;
    const text = environment[env] || defaultValue;
    const parsed = schema.safeParse(text);
    if (!parsed.success) {
      const message = parsed.error.issues[0]?.message;
      throw new PanelvecError('config_invalid', `${env} (${flag}): ${isSecret ? '' : `"${text}": `}${message}`);
    }
    return [key, parsed.data];
  });
  const values = Object.fromEntries(entries) as SettingValues;
  const { engines, threads, decodeThreads } = values;
  const given = Object.entries({ engines, threads, decodeThreads }).filter(([, value]) => value !== 'auto');
  const fixedLayout: Partial<EngineLayout> = Object.fromEntries(given);
  return { ...values, ...plainLayout(availableParallelism(), fixedLayout), fixedLayout };
}

/** The environment variables of a configuration, for child processes. */
export function toEnvironment(config: Config): Record<string, string> {
  const entries = Object.entries(SETTINGS).map(([key, setting]) => {
    const { env, isSecret = false }: Setting<unknown> = setting;
    const value = isSecret ? undefined : config[key as keyof Config];
    return [env, Array.isArray(value) ? value.join(',') : String(value ?? '')];
  });
  return Object.fromEntries(entries);
}
