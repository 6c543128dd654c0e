import { parseArgs } from 'node:util';

export const BENCHMARKS = [
  'capacity',
  'overload',
  'curves',
  'idle',
  'peers',
  'views',
  'encoders',
  'stage3',
  'jobs',
  'training',
  'datasets',
] as const;
export type Benchmark = (typeof BENCHMARKS)[number];

const DEFAULT_WINDOW_SECONDS = '2';

export interface BenchOptions {
  readonly benchmarks: readonly Benchmark[];
  /** Length of one window of one program */
  readonly seconds: number;
  /** Folder of ONNX files that another tool has made of the encoders: siglip.onnx, resnet.onnx, minilm.onnx */
  readonly exported: string | undefined;
  /** Shell command whose last line of output is {"siglip": items/s, "resnet": items/s, "minilm": items/s} */
  readonly pytorch: string | undefined;
  /** Shell command whose last line of output is {"steps_per_second": n}, for the training of the head alone */
  readonly pytorchHead: string | undefined;
  /** Name or path of the model in fp32 that the plain server runs; `compact` by default */
  readonly fp32Model: string;
  /** A Python with what bench/peers/requirements.txt names */
  readonly python: string | undefined;
  /** Folder of all-MiniLM-L6-v2 as sentence-transformers saves it */
  readonly minilm: string | undefined;
  /** Whether to run jobs of many pages too, for the memory that they take */
  readonly memory: boolean;
  /** Whether to run one small round of each, to see that it works; the figures mean nothing */
  readonly quick: boolean;
}

/** Reads the options of `npm run bench`. @throws Error that names the option that is wrong */
export function readOptions(): BenchOptions {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      seconds: { type: 'string', default: DEFAULT_WINDOW_SECONDS },
      exported: { type: 'string' },
      pytorch: { type: 'string' },
      'pytorch-head': { type: 'string' },
      'fp32-model': { type: 'string', default: 'compact' },
      python: { type: 'string' },
      minilm: { type: 'string' },
      memory: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
    },
  });
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new Error(`--seconds ${values.seconds}: must be a number over 0`);
  const benchmarks = values.only === undefined ? BENCHMARKS : BENCHMARKS.filter((name) => name === values.only);
  if (benchmarks.length === 0) throw new Error(`--only ${values.only}: must be one of ${BENCHMARKS.join(', ')}`);
  const {
    exported,
    pytorch,
    python,
    minilm,
    memory,
    quick,
    'pytorch-head': pytorchHead,
    'fp32-model': fp32Model,
  } = values;
  return { benchmarks, seconds, exported, pytorch, pytorchHead, fp32Model, python, minilm, memory, quick };
}
