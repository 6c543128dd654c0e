import { ort } from '../../onnxruntime/session.ts';
import type { TrainingPage, TrainingSet } from '../data/training-set.ts';
import { columnInput } from '../graph-inputs.ts';
import type { Feeds } from '../step/batch-feeds.ts';
import { COLUMNS, readFloats } from '../training-columns.ts';

/** The inputs of a batch whose panels have another text than the joined one. */
export interface DescribedFeeds {
  /** With lettering alone, as a panel is stored that nobody has described */
  readonly stored: Feeds;
  /** With the description alone */
  readonly description: Feeds;
  readonly hasDescription: readonly boolean[];
}

/** Puts the separate texts of some pages into their inputs; undefined where the training set has none. */
export async function describedFeeds(
  trainingSet: TrainingSet,
  pages: readonly TrainingPage[],
  feeds: Feeds,
): Promise<DescribedFeeds | undefined> {
  const names = [COLUMNS.separateTexts, COLUMNS.textKinds];
  if (!names.every((name) => trainingSet.hasColumn(name))) return undefined;
  const columns = await trainingSet.read(pages, names);
  const [texts, kinds] = [readFloats(columns, COLUMNS.separateTexts), readFloats(columns, COLUMNS.textKinds)];
  const rows = kinds.length / 2;
  const width = texts.length / kinds.length;
  const present = floats(feeds[columnInput(COLUMNS.present)]);
  const withKind = (kind: 0 | 1): Feeds => {
    const features = new Float32Array(rows * width);
    const shownPresent = present.slice();
    for (let row = 0; row < rows; row++) {
      const first = (2 * row + kind) * width;
      features.set(texts.subarray(first, first + width), row * width);
      shownPresent[3 * row + 1] = kinds[2 * row + kind] ?? 0;
    }
    return {
      ...feeds,
      [columnInput(COLUMNS.text)]: new ort.Tensor('float32', features, [rows, width]),
      [columnInput(COLUMNS.present)]: new ort.Tensor('float32', shownPresent, [rows, 3]),
    };
  };
  const hasDescription = Array.from({ length: rows }, (_, row) => kinds[2 * row] === 1);
  return { stored: withKind(1), description: withKind(0), hasDescription };
}

function floats(tensor: ort.Tensor | undefined): Float32Array {
  return tensor?.data instanceof Float32Array ? tensor.data : new Float32Array();
}
