import { MODALITIES } from '../../model/modality.ts';
import type { TrainingPage, TrainingSet } from '../../training/data/training-set.ts';
import { readFloats } from '../../training/training-columns.ts';
import { VIEWS, type View } from '../evaluation-result.ts';
import type { ViewFeatures } from './fusion.ts';
import { PICTURES, TEXTS, textColumn, VIEW_COLUMNS } from './view-columns.ts';
import { VIEW_SOURCES } from './view-sources.ts';

/** The features of some panels in one view, and which of them have the view. */
export interface ShownFeatures extends ViewFeatures {
  readonly hasView: readonly boolean[];
}

/** Reads the features of the panels of some pages, in each view. */
export async function readViewFeatures(
  set: TrainingSet,
  pages: readonly TrainingPage[],
): Promise<Map<View, ShownFeatures>> {
  const rows = pages.reduce((sum, page) => sum + page.rows, 0);
  const columns = await set.read(pages);
  const floats = (name: string) => readFloats(columns, name);
  const pictures = new Map(
    PICTURES.map((picture) => {
      const prefix = `${picture}/`;
      const names = [...columns.keys()].filter((name) => name.startsWith(prefix));
      return [picture, Object.fromEntries(names.map((name) => [name.slice(prefix.length), floats(name)]))] as const;
    }),
  );
  const composition = floats(VIEW_COLUMNS.composition);
  const presentTexts = floats(VIEW_COLUMNS.presentTexts);
  const hasText = (row: number, text: (typeof TEXTS)[number]) =>
    presentTexts[row * TEXTS.length + TEXTS.indexOf(text)] === 1;
  const shownFeatures = VIEWS.map((view): [View, ShownFeatures] => {
    const source = VIEW_SOURCES[view];
    const present = new Float32Array(rows * MODALITIES.length);
    for (let row = 0; row < rows; row++) {
      const shown = {
        vision: source.picture !== null,
        text: source.text !== null && hasText(row, source.text),
        composition: source.composition,
      };
      for (const [i, modality] of MODALITIES.entries()) present[row * MODALITIES.length + i] = shown[modality] ? 1 : 0;
    }
    const features = {
      rows,
      // What a view does not show is there all the same, and `present` says that it does not count.
      vision: pictures.get(source.picture ?? 'picture') ?? {},
      text: floats(textColumn(source.text ?? 'text')),
      composition,
      present,
      hasView: Array.from({ length: rows }, (_, row) => source.needs === null || hasText(row, source.needs)),
    };
    return [view, features];
  });
  return new Map(shownFeatures);
}
