/** The only reader of the environment. Every setting is an environment variable and a flag of the same name. */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { PanelvecError } from './errors.ts';
import { PROVIDERS } from './onnxruntime/provider.ts';

const positiveInteger = z.coerce.number().int().positive();
const nonNegativeInteger = z.coerce.number().int().min(0);
const powerOfTwo = positiveInteger
  .max(1024)
  .refine((number) => Number.isInteger(Math.log2(number)), 'must be a power of two');
/** Node's pool of threads has this many. */
const LIBUV_THREADS = 4;
/** An image decodes in a third of the time that the smallest encoder takes for it; more decoders only take its cores. */
const CORES_PER_DECODER = 4;

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
}

function defineSetting<T>(env: string, schema: z.ZodType<T>, defaultValue: string | number, help: string): Setting<T> {
  const flag = `--${env
    .replace(/^PANELVEC_/, '')
    .toLowerCase()
    .replaceAll('_', '-')}`;
  return { env, flag, schema, defaultValue: String(defaultValue), help };
}

/** Limits carry their unit in their name. */
export const SETTINGS = {
  host: defineSetting('HOST', z.string().min(1), '127.0.0.1', 'address to listen on'),
  port: defineSetting(
    'PORT',
    z.coerce.number().int().min(0).max(65_535),
    8080,
    'port to listen on; 0 takes a free one',
  ),
  home: defineSetting(
    'PANELVEC_HOME',
    z
      .string()
      .min(1)
      .transform((home) => path.resolve(home)),
    './var',
    'folder of models and data',
  ),
  models: defineSetting(
    'PANELVEC_MODELS',
    commaSeparated(z.string().min(1)),
    'compact',
    'models to serve, by comma; the first is the default',
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
    'devices by comma, one engine process each',
  ),
  threads: defineSetting(
    'PANELVEC_THREADS',
    positiveInteger,
    availableParallelism(),
    'threads of an engine on the CPU',
  ),
  decodeThreads: defineSetting(
    'PANELVEC_DECODE_THREADS',
    positiveInteger.max(LIBUV_THREADS),
    Math.min(LIBUV_THREADS, Math.ceil(availableParallelism() / CORES_PER_DECODER)),
    'images decoded at a time',
  ),
  maxBatch: defineSetting('PANELVEC_MAX_BATCH', powerOfTwo, 8, 'panels of one inference run'),
  bulkBatch: defineSetting('PANELVEC_BULK_BATCH', positiveInteger, 1, 'panels of one bulk run while calls come in'),
  maxItems: defineSetting('PANELVEC_MAX_ITEMS', positiveInteger, 64, 'panels of one request'),
  maxBodyBytes: defineSetting('PANELVEC_MAX_BODY_BYTES', positiveInteger, 64 * 2 ** 20, 'bytes of one request'),
  maxBodiesBytes: defineSetting(
    'PANELVEC_MAX_BODIES_BYTES',
    positiveInteger,
    512 * 2 ** 20,
    'bytes of all requests being received',
  ),
  maxJsonBytes: defineSetting(
    'PANELVEC_MAX_JSON_BYTES',
    positiveInteger,
    32 * 2 ** 20,
    'bytes of one JSON body; larger ones must be forms',
  ),
  maxJsonValues: defineSetting(
    'PANELVEC_MAX_JSON_VALUES',
    positiveInteger,
    32_768,
    'values in the JSON of one request',
  ),
  maxTensorValues: defineSetting(
    'PANELVEC_MAX_TENSOR_VALUES',
    positiveInteger,
    500_000,
    'numbers in the JSON tensors of one request; binary ones are bounded by their bytes',
  ),
  maxImageBytes: defineSetting('PANELVEC_MAX_IMAGE_BYTES', positiveInteger, 20 * 2 ** 20, 'bytes of one encoded image'),
  maxImagePixels: defineSetting('PANELVEC_MAX_IMAGE_PIXELS', positiveInteger, 40_000_000, 'pixels of one image'),
  maxTextCharacters: defineSetting('PANELVEC_MAX_TEXT_CHARACTERS', positiveInteger, 20_000, 'characters of one text'),
  maxQueueItems: defineSetting(
    'PANELVEC_MAX_QUEUE_ITEMS',
    positiveInteger,
    512,
    'panels that may be in work at a time',
  ),
  requestTimeoutSeconds: defineSetting('PANELVEC_REQUEST_TIMEOUT_SECONDS', seconds, 60, 'time to send a whole request'),
  queueTimeoutSeconds: defineSetting(
    'PANELVEC_QUEUE_TIMEOUT_SECONDS',
    seconds,
    30,
    'time a panel may wait for an engine',
  ),
  batchTimeoutSeconds: defineSetting(
    'PANELVEC_BATCH_TIMEOUT_SECONDS',
    seconds,
    60,
    'time of one run before its engine is killed',
  ),
  startTimeoutSeconds: defineSetting(
    'PANELVEC_START_TIMEOUT_SECONDS',
    seconds,
    300,
    'time an engine may take to be warm',
  ),
  drainTimeoutSeconds: defineSetting(
    'PANELVEC_DRAIN_TIMEOUT_SECONDS',
    seconds,
    30,
    'time to finish requests on SIGTERM',
  ),
  jobs: defineSetting('PANELVEC_JOBS', z.enum(['on', 'off']), 'on', 'whether jobs are taken and worked on: on or off'),
  databaseUrl: defineSetting(
    'DATABASE_URL',
    z
      .string()
      .regex(/^$|^postgres(ql)?:\/\//, 'must begin with postgresql://')
      .transform((url) => (url === '' ? undefined : url)),
    '',
    'PostgreSQL server of the jobs; an embedded database by default',
  ),
  dataRoots: defineSetting(
    'PANELVEC_DATA_ROOTS',
    commaSeparated(z.string().min(1)).transform((roots) => roots.map((root) => path.resolve(root))),
    '.',
    'folders that jobs may read, by comma',
  ),
  workers: defineSetting('PANELVEC_WORKERS', nonNegativeInteger, 1, 'worker processes that the service starts'),
  workerEngines: defineSetting(
    'PANELVEC_WORKER_ENGINES',
    z.enum(['shared', 'own']),
    'shared',
    'whether those workers share the engines that answer calls, or have their own',
  ),
  maxFeaturesBytes: defineSetting(
    'PANELVEC_MAX_FEATURES_BYTES',
    nonNegativeInteger,
    20 * 2 ** 30,
    'bytes of the cache of pooled features; 0 for none',
  ),
  mlflowTrackingUri: defineSetting(
    'MLFLOW_TRACKING_URI',
    z
      .string()
      .regex(/^$|^https?:\/\//, 'must begin with http:// or https://')
      .transform((uri) => (uri === '' ? undefined : uri)),
    '',
    'MLflow server that trainings are told to; none by default',
  ),
  mlflowExperiment: defineSetting(
    'MLFLOW_EXPERIMENT_NAME',
    z.string().min(1),
    'panelvec',
    'experiment of the trainings there',
  ),
  mlflowToken: defineSetting(
    'MLFLOW_TRACKING_TOKEN',
    z.string().transform((token) => (token === '' ? undefined : token)),
    '',
    'bearer token for that server',
  ),
  hubEndpoint: defineSetting('HF_ENDPOINT', z.string(), 'https://huggingface.co', 'hub that models are pulled from'),
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
    'lines to log',
  ),
} as const satisfies Record<string, Setting<unknown>>;

type Settings = typeof SETTINGS;
export type Config = { readonly [K in keyof Settings]: z.output<Settings[K]['schema']> };

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads and checks every setting. An empty variable counts as not set.
 * @throws PanelvecError config_invalid naming the variable
 */
export function readConfig(environment: Environment = process.env): Config {
  const entries = Object.entries(SETTINGS).map(([key, { env, flag, schema, defaultValue }]) => {
    const text = environment[env] || defaultValue;
    const parsed = (schema as z.ZodType).safeParse(text);
    if (!parsed.success) {
      const message = parsed.error.issues[0]!.message;
      throw new PanelvecError('config_invalid', `${env} (${flag}): "${text}": ${message}`);
    }
    return [key, parsed.data];
  });
  return Object.fromEntries(entries) as Config;
}

/** The same configuration as an environment, for processes that are started with it. */
export function toEnvironment(config: Config): Record<string, string> {
  const entries = Object.entries(SETTINGS).map(([key, { env }]) => {
    const value = config[key as keyof Config];
    return [env, Array.isArray(value) ? value.join(',') : String(value ?? '')];
  });
  return Object.fromEntries(entries);
}
