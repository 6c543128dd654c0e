import { parseArgs } from 'node:util';

export const BENCHES = ['serving', 'encoders', 'stage3', 'jobs', 'training', 'datasets'] as const;
export type Bench = (typeof BENCHES)[number];

const DEFAULT_WINDOW_SECONDS = '2';

export interface Options {
  readonly benches: readonly Bench[];
  /** Of one window of one contestant */
  readonly seconds: number;
  /** Folder of ONNX files that another tool has made of the encoders: siglip.onnx, resnet.onnx, minilm.onnx */
  readonly exported: string | undefined;
  /** A shell command whose last line of output is {"siglip": items/s, "resnet": items/s, "minilm": items/s} */
  readonly pytorch: string | undefined;
  /** A shell command whose last line of output is {"steps_per_second": n} of the head alone in training */
  readonly pytorchHead: string | undefined;
  /** Whether jobs of many pages are run too, for the memory that they take */
  readonly memory: boolean;
}

/** @throws Error naming the flag that cannot be used */
export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      seconds: { type: 'string', default: DEFAULT_WINDOW_SECONDS },
      exported: { type: 'string' },
      pytorch: { type: 'string' },
      'pytorch-head': { type: 'string' },
      memory: { type: 'boolean', default: false },
    },
  });
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new Error(`--seconds ${values.seconds}: must be a number over 0`);
  const benches = values.only === undefined ? BENCHES : BENCHES.filter((part) => part === values.only);
  if (benches.length === 0) throw new Error(`--only ${values.only}: must be one of ${BENCHES.join(', ')}`);
  const { exported, pytorch, memory, 'pytorch-head': pytorchHead } = values;
  return { benches, seconds, exported, pytorch, pytorchHead, memory };
}
