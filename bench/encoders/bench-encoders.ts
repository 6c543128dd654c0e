import { z } from 'zod';
import type { BenchOptions } from '../bench-options.ts';
import { ChildProcesses, request } from '../runner/child-processes.ts';
import { printProgress, printReport } from '../runner/report.ts';
import { measureInTurn, runRounds } from '../runner/rounds.ts';
import { ENCODERS, type EncoderVariant } from './encoder-graphs.ts';
import type { EncoderReady, EncoderRequest } from './encoder-process.ts';
import {
  BATCH,
  batchSizes,
  type EncoderContest,
  type EncoderRound,
  formatBatches,
  formatRates,
  formatRatios,
  formatSimilarities,
  rateKey,
  summariseBatches,
  summariseEncoders,
} from './encoder-tables.ts';

const THREADS = 2;
const ROUNDS = 5;
/** PyTorch takes nearly as long as a round, so several rounds share one run of it. */
const ROUNDS_PER_PYTORCH_RUN = 3;
/** Share of a window for the batch sizes that nothing else is compared with */
const SHORT_WINDOW_FACTOR = 0.5;

const rate = z.number().positive();
const pytorchSchema = z.object({ siglip: rate, resnet: rate, minilm: rate });
export type EncoderRates = z.infer<typeof pytorchSchema>;

/** Items per second of each encoder in PyTorch. @param command see BenchOptions.pytorch */
export function runPytorch(children: ChildProcesses, command: string): Promise<EncoderRates> {
  return children.runJsonCommand(command, pytorchSchema);
}

/**
 * How fast are our encoders of full size beside other ways to run them: exported graphs in the same ONNX Runtime with the
 * same options, and PyTorch? Weights are seeded and not the same everywhere, which does not change the speed.
 * @param folder that of a stage3-base model
 */
export async function benchEncoders(folder: string, options: BenchOptions): Promise<void> {
  const { seconds, quick } = options;
  const roundCount = quick ? 1 : ROUNDS;
  printProgress(`encoders, ${THREADS} threads: ${roundCount} rounds of ${seconds} s windows`);
  const contest = await measureEncoders(folder, roundCount, options);
  const results = summariseEncoders(contest);
  const batches = summariseBatches(contest.rounds);
  const lines = [
    ...formatRates(results),
    '',
    ...formatRatios(results),
    '',
    ...formatSimilarities(results),
    formatBatches(batches),
  ];
  printReport(lines, { part: 'encoders', threads: THREADS, seconds, rounds: roundCount, results, batches });
}

async function measureEncoders(
  folder: string,
  roundCount: number,
  { seconds, exported, pytorch }: BenchOptions,
): Promise<EncoderContest> {
  await using children = new ChildProcesses();
  const programs: Record<string, (seconds: number) => Promise<number>> = {};
  const features: (EncoderVariant & EncoderReady)[] = [];
  for (const variant of listVariants(exported !== undefined)) {
    const source = variant.variant === 'exported' && exported !== undefined ? exported : folder;
    const args = [JSON.stringify(variant), source, String(THREADS), String(BATCH)];
    const { child, ready } = await children.fork<EncoderReady>('encoders/encoder-process.ts', { args });
    if (variant.variant !== 'exported') features.push({ ...variant, ...ready });
    for (const batch of batchSizes(variant)) {
      const factor = batch === BATCH ? 1 : SHORT_WINDOW_FACTOR;
      programs[rateKey({ ...variant, batch })] = (windowSeconds) =>
        request<EncoderRequest, number>(child, { batch, seconds: factor * windowSeconds });
    }
  }
  const measureRound = (windowSeconds: number) =>
    measureInTurn<EncoderRound>(
      Object.fromEntries(Object.entries(programs).map(([key, measure]) => [key, () => measure(windowSeconds)])),
    );
  // Once through everything, because the first run of a shape is slower.
  await measureRound(0);
  let pytorchRates: EncoderRound = {};
  const rounds = await runRounds(roundCount, async (round) => {
    if (pytorch !== undefined && round % ROUNDS_PER_PYTORCH_RUN === 0) {
      const rates = Object.entries(await runPytorch(children, pytorch));
      pytorchRates = Object.fromEntries(
        rates.map(([encoder, rate]) => [rateKey({ encoder, variant: 'pytorch', batch: BATCH }), rate]),
      );
    }
    return { ...(await measureRound(seconds)), ...pytorchRates };
  });
  return { rounds, features };
}

/** ResNet has no int8 variant: it is all convolutions, and int8 leaves those as they are. */
function listVariants(withExported: boolean): EncoderVariant[] {
  return ENCODERS.flatMap((encoder) => [
    { encoder, variant: 'fp32' } as const,
    ...(encoder === 'resnet' ? [] : [{ encoder, variant: 'int8' } as const]),
    ...(withExported ? [{ encoder, variant: 'exported' } as const] : []),
  ]);
}
