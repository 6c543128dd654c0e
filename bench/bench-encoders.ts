import type { Options } from './bench-options.ts';
import { Children } from './children.ts';
import { measureEncoders } from './encoders/encoder-rounds.ts';
import { summariseBatches, summariseEncoders } from './encoders/encoder-summary.ts';
import { batchLine, closenessLines, rateLines, ratioLines } from './encoders/encoder-tables.ts';
import { printReport } from './print-report.ts';

const THREADS = 2;
const ROUNDS = 5;

/**
 * Our encoders of full size beside other ways to run them: exported graphs in the same ONNX Runtime with the same options,
 * and PyTorch. Weights are seeded and not the same everywhere, which changes no speed.
 */
export async function benchEncoders(folder: string, { seconds, exported, pytorch }: Options): Promise<void> {
  await using children = new Children(process.env);
  process.stderr.write(`encoders, ${THREADS} threads: ${ROUNDS} rounds of ${seconds} s windows\n`);
  const contest = await measureEncoders(children, {
    rounds: ROUNDS,
    seconds,
    threads: THREADS,
    folder,
    exported,
    pytorch,
  });
  const results = summariseEncoders(contest);
  const batches = summariseBatches(contest.rounds);
  const lines = [...rateLines(results), '', ...ratioLines(results), '', ...closenessLines(results), batchLine(batches)];
  printReport(lines, { part: 'encoders', threads: THREADS, seconds, rounds: ROUNDS, results, batches });
}
