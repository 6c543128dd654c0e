import { readConfig } from '../../src/config.ts';
import { ModelRuntime } from '../../src/inference/engine/model-runtime.ts';
import { findModel, modelRoots } from '../../src/model/model-folders.ts';
import type { GridViews } from '../../src/model/model-spec.ts';
import { decodePicture } from '../../src/preprocess/image/decode-image.ts';
import { median } from '../../src/util/arrays.ts';
import type { BenchOptions } from '../bench-options.ts';
import { drawScene } from '../load/draw-scene.ts';
import { formatRange, formatTable, printProgress, printReport } from '../runner/report.ts';
import { measureInTurn, measureRate, runRounds } from '../runner/rounds.ts';

const ROUNDS = 5;
const OPTIONS = { provider: 'cpu', device: 0, threads: 1 } as const;

/** How much slower is a model with five grid views? One engine thread; panels one by one, and decoding by itself. */
export async function benchGridViews({ seconds, quick }: BenchOptions): Promise<void> {
  const config = readConfig();
  const model = await findModel('compact', modelRoots(config.home));
  const jpeg = await drawScene();
  printProgress(`grid views of ${model.id}`);
  const openPrograms = async (gridViews: GridViews) => {
    const vision = { ...model.spec.vision, grid_views: gridViews };
    const runtime = await ModelRuntime.load({ ...model, spec: { ...model.spec, vision } }, OPTIONS, 1);
    const decode = () => decodePicture(jpeg, vision, config);
    const pixels = await decode();
    return {
      decode: () => measureRate(seconds, async () => Math.sign((await decode()).length)),
      embed: () =>
        measureRate(seconds, async () => {
          const panel = { pixels, tokens: null, composition: null, outputs: ['fused'] } as const;
          return (await runtime.run([panel])).length;
        }),
    };
  };
  const [one, five] = [await openPrograms(1), await openPrograms(5)];
  const rounds = await runRounds(quick ? 1 : ROUNDS, () =>
    measureInTurn({ decode1: one.decode, decode5: five.decode, embed1: one.embed, embed5: five.embed }),
  );
  const rows = (['decode', 'embed'] as const).map((stage) => {
    const milliseconds = (views: GridViews) => 1000 / median(rounds.map((round) => round[`${stage}${views}`]));
    const ratios = rounds.map((round) => round[`${stage}1`] / round[`${stage}5`]);
    return { stage, one: milliseconds(1), five: milliseconds(5), ratio: median(ratios), range: formatRange(ratios, 2) };
  });
  const cells = rows.map(({ stage, one: first, five: second, ratio, range }) => [
    stage,
    first.toFixed(1),
    second.toFixed(1),
    `${ratio.toFixed(2)} (${range})`,
  ]);
  const lines = formatTable([['ms a panel', '1 view', '5 views', 'ratio'], ...cells]);
  printReport(lines, { part: 'views', model: model.id, seconds, rows });
}
