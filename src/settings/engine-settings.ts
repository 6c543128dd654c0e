import { z } from 'zod';
import { MAX_DECODE_THREADS } from '../inference/engine-layout.ts';
import { PROVIDERS } from '../onnxruntime/provider.ts';
import {
  autoOr,
  commaSeparated,
  defineSetting,
  nonNegativeInteger,
  positiveInteger,
  type Settings,
  seconds,
} from './setting.ts';

/** More engines on one device would only take memory. */
const MAX_ENGINES = 64;
const powerOfTwo = positiveInteger
  .max(1024)
  .refine((number) => Number.isInteger(Math.log2(number)), 'must be a power of two');

/** What engines run on, and when they are replaced. */
export const ENGINE_SETTINGS = {
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
} as const satisfies Settings;
