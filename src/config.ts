/** The only reader of the environment. Every setting is an environment variable and a flag of the same name. */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { PanelvecError } from './errors.ts';
import { PROVIDERS } from './inference/contract.ts';

const count = z.coerce.number().int().positive();
const countOrNone = z.coerce.number().int().min(0);
const powerOfTwo = count.max(1024).refine((number) => Number.isInteger(Math.log2(number)), 'must be a power of two');
/** Node's pool of threads has this many. */
const LIBUV_THREADS = 4;
/** An image decodes in a third of the time that the smallest encoder takes for it; more decoders only take its cores. */
const CORES_PER_DECODER = 4;

const seconds = z.coerce.number().positive().max(86_400);
const list = (entry: z.ZodString) =>
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(entry).min(1));

export interface Setting<T> {
  readonly env: string;
  readonly flag: string;
  readonly schema: z.ZodType<T>;
  readonly fallback: string;
  readonly help: string;
}

function setting<T>(env: string, schema: z.ZodType<T>, fallback: string | number, help: string): Setting<T> {
  const flag = `--${env
    .replace(/^PANELVEC_/, '')
    .toLowerCase()
    .replaceAll('_', '-')}`;
  return { env, flag, schema, fallback: String(fallback), help };
}

/** Limits carry their unit in their name. */
export const SETTINGS = {
  host: setting('HOST', z.string().min(1), '127.0.0.1', 'address to listen on'),
  port: setting('PORT', z.coerce.number().int().min(0).max(65_535), 8080, 'port to listen on; 0 takes a free one'),
  home: setting(
    'PANELVEC_HOME',
    z
      .string()
      .min(1)
      .transform((home) => path.resolve(home)),
    './var',
    'folder of models and data',
  ),
  models: setting(
    'PANELVEC_MODELS',
    list(z.string().min(1)),
    'compact',
    'models to serve, by comma; the first is the default',
  ),
  provider: setting(
    'PANELVEC_PROVIDER',
    z.enum(['auto', ...PROVIDERS]),
    'auto',
    'ONNX Runtime execution provider: auto, cpu, cuda, webgpu or tensorrt',
  ),
  devices: setting(
    'PANELVEC_DEVICES',
    list(z.string().regex(/^\d+$/, 'must be device numbers')).transform((ids) => ids.map(Number)),
    '0',
    'devices by comma, one engine process each',
  ),
  threads: setting('PANELVEC_THREADS', count, availableParallelism(), 'threads of an engine on the CPU'),
  decodeThreads: setting(
    'PANELVEC_DECODE_THREADS',
    count.max(LIBUV_THREADS),
    Math.min(LIBUV_THREADS, Math.ceil(availableParallelism() / CORES_PER_DECODER)),
    'images decoded at a time',
  ),
  maxBatch: setting('PANELVEC_MAX_BATCH', powerOfTwo, 8, 'panels of one inference run'),
  bulkBatch: setting('PANELVEC_BULK_BATCH', count, 1, 'panels of one bulk run while calls come in'),
  maxItems: setting('PANELVEC_MAX_ITEMS', count, 64, 'panels of one request'),
  maxBodyBytes: setting('PANELVEC_MAX_BODY_BYTES', count, 64 * 2 ** 20, 'bytes of one request'),
  maxBodiesBytes: setting('PANELVEC_MAX_BODIES_BYTES', count, 512 * 2 ** 20, 'bytes of all requests being received'),
  maxJsonBytes: setting(
    'PANELVEC_MAX_JSON_BYTES',
    count,
    32 * 2 ** 20,
    'bytes of one JSON body; larger ones must be forms',
  ),
  maxJsonValues: setting('PANELVEC_MAX_JSON_VALUES', count, 32_768, 'values in the JSON of one request'),
  maxTensorValues: setting(
    'PANELVEC_MAX_TENSOR_VALUES',
    count,
    500_000,
    'numbers in the JSON tensors of one request; binary ones are bounded by their bytes',
  ),
  maxImageBytes: setting('PANELVEC_MAX_IMAGE_BYTES', count, 20 * 2 ** 20, 'bytes of one encoded image'),
  maxImagePixels: setting('PANELVEC_MAX_IMAGE_PIXELS', count, 40_000_000, 'pixels of one image'),
  maxTextCharacters: setting('PANELVEC_MAX_TEXT_CHARACTERS', count, 20_000, 'characters of one text'),
  maxQueueItems: setting('PANELVEC_MAX_QUEUE_ITEMS', count, 512, 'panels that may be in work at a time'),
  requestTimeoutSeconds: setting('PANELVEC_REQUEST_TIMEOUT_SECONDS', seconds, 60, 'time to send a whole request'),
  queueTimeoutSeconds: setting('PANELVEC_QUEUE_TIMEOUT_SECONDS', seconds, 30, 'time a panel may wait for an engine'),
  batchTimeoutSeconds: setting(
    'PANELVEC_BATCH_TIMEOUT_SECONDS',
    seconds,
    60,
    'time of one run before its engine is killed',
  ),
  startTimeoutSeconds: setting('PANELVEC_START_TIMEOUT_SECONDS', seconds, 300, 'time an engine may take to be warm'),
  drainTimeoutSeconds: setting('PANELVEC_DRAIN_TIMEOUT_SECONDS', seconds, 30, 'time to finish requests on SIGTERM'),
  jobs: setting('PANELVEC_JOBS', z.enum(['on', 'off']), 'on', 'whether jobs are taken and worked on: on or off'),
  databaseUrl: setting(
    'DATABASE_URL',
    z
      .string()
      .regex(/^$|^postgres(ql)?:\/\//, 'must begin with postgresql://')
      .transform((url) => (url === '' ? undefined : url)),
    '',
    'PostgreSQL server of the jobs; an embedded database by default',
  ),
  dataRoots: setting(
    'PANELVEC_DATA_ROOTS',
    list(z.string().min(1)).transform((roots) => roots.map((root) => path.resolve(root))),
    '.',
    'folders that jobs may read, by comma',
  ),
  workers: setting('PANELVEC_WORKERS', countOrNone, 1, 'worker processes that the service starts'),
  workerEngines: setting(
    'PANELVEC_WORKER_ENGINES',
    z.enum(['shared', 'own']),
    'shared',
    'whether those workers share the engines that answer calls, or have their own',
  ),
  maxFeaturesBytes: setting(
    'PANELVEC_MAX_FEATURES_BYTES',
    countOrNone,
    20 * 2 ** 30,
    'bytes of the cache of pooled features; 0 for none',
  ),
  mlflowTrackingUri: setting(
    'MLFLOW_TRACKING_URI',
    z
      .string()
      .regex(/^$|^https?:\/\//, 'must begin with http:// or https://')
      .transform((uri) => (uri === '' ? undefined : uri)),
    '',
    'MLflow server that trainings are told to; none by default',
  ),
  mlflowExperiment: setting(
    'MLFLOW_EXPERIMENT_NAME',
    z.string().min(1),
    'panelvec',
    'experiment of the trainings there',
  ),
  mlflowToken: setting(
    'MLFLOW_TRACKING_TOKEN',
    z.string().transform((token) => (token === '' ? undefined : token)),
    '',
    'bearer token for that server',
  ),
  hubEndpoint: setting('HF_ENDPOINT', z.string(), 'https://huggingface.co', 'hub that models are pulled from'),
  hubToken: setting(
    'HF_TOKEN',
    z.string().transform((token) => (token === '' ? undefined : token)),
    '',
    'access token for the hub',
  ),
  logLevel: setting(
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
  const entries = Object.entries(SETTINGS).map(([key, { env, flag, schema, fallback }]) => {
    const text = environment[env] || fallback;
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
export function environmentOf(config: Config): Record<string, string> {
  const entries = Object.entries(SETTINGS).map(([key, { env }]) => {
    const value = config[key as keyof Config];
    return [env, Array.isArray(value) ? value.join(',') : String(value ?? '')];
  });
  return Object.fromEntries(entries);
}
