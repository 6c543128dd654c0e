import { CounterRandom } from '../../util/counter-random.ts';
import type { TrainingPage, TrainingSet } from '../data/training-set.ts';
import { COLUMNS, type Column, readFloats, viewsColumn, visionColumn } from '../training-columns.ts';
import type { TrainingOptions } from '../training-spec.ts';

export type DrawOptions = Pick<TrainingOptions, 'views' | 'texts'>;

/**
 * Puts drawn views in place of pictures, and drawn texts in place of joined ones, in the columns of a batch. Each panel keeps what
 * it has with the same chance as it gets any other.
 * @param columns as the training set read them, of these pages; they are changed in place
 * @param randomKeys what the random numbers are for: seed and step, for example
 */
export async function drawInputs(
  trainingSet: TrainingSet,
  pages: readonly TrainingPage[],
  columns: ReadonlyMap<string, Column>,
  { views, texts }: DrawOptions,
  randomKeys: readonly (number | string)[],
): Promise<void> {
  const rows = pages.flatMap((page) => Array.from({ length: page.rows }, (_, rowOfPage) => ({ page, rowOfPage })));
  const replace = async (column: Column | undefined, source: string, drawn: readonly number[]) => {
    const { bytes } = column ?? { bytes: new Uint8Array() };
    const rowBytes = bytes.length / rows.length;
    await Promise.all(
      rows.map(async ({ page, rowOfPage }, row) => {
        const element = drawn[row] ?? KEPT;
        if (element === KEPT) return;
        bytes.set(await trainingSet.readElement(source, page, rowOfPage, element), row * rowBytes);
      }),
    );
  };
  if (views > 0) {
    const drawn = drawElements(
      rows.map(() => views),
      new CounterRandom(...randomKeys, 'views'),
    );
    for (const name of columns.keys()) {
      const backbone = backboneOf(name);
      if (backbone !== undefined) await replace(columns.get(name), viewsColumn(backbone), drawn);
    }
  }
  if (texts === 'drawn') {
    const counts = await countTexts(trainingSet, pages);
    const drawn = drawElements(counts, new CounterRandom(...randomKeys, 'texts'));
    await replace(columns.get(COLUMNS.text), COLUMNS.separateTexts, drawn);
  }
}

/** Stands for what the panel has. */
const KEPT = -1;

/** Draws an element of each list, or what the panel has. */
export function drawElements(counts: readonly number[], random: CounterRandom): number[] {
  return counts.map((count, row) => random.integer(row, count + 1) - 1);
}

const VISION_PREFIX = visionColumn('');

function backboneOf(column: string): string | undefined {
  return column.startsWith(VISION_PREFIX) ? column.slice(VISION_PREFIX.length) : undefined;
}

/** The number of texts beside the joined one that each panel may be shown with: none where it has one kind alone. */
async function countTexts(trainingSet: TrainingSet, pages: readonly TrainingPage[]): Promise<number[]> {
  const flags = readFloats(await trainingSet.read(pages, [COLUMNS.textKinds]), COLUMNS.textKinds);
  return Array.from({ length: flags.length / 2 }, (_, row) =>
    flags[2 * row] === 1 && flags[2 * row + 1] === 1 ? 2 : 0,
  );
}
