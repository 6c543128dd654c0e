import type { Dataset } from '../../datasets/dataset-spec.ts';
import type { DatasetPanel } from '../../datasets/panel-files/page-panels.ts';
import {
  PICTURES,
  type Picture,
  pictureColumn,
  TEXTS,
  textColumn,
  VIEW_COLUMNS,
} from '../../evaluation/vectors/view-columns.ts';
import type { ChangedCrop } from '../../preprocess/augment/picture-change.ts';
import { changeForQuery, QUERY_CHANGES } from '../../preprocess/augment/query-changes.ts';
import type { Crop } from '../../preprocess/image/resize-crop.ts';
import type { Column } from '../../training/training-columns.ts';
import type { ModelWithEngines, TaskContext } from '../job-kind.ts';
import { requireFinite } from '../pages/compute-panels.ts';
import { computePictureFeatures, computeTextFeatures } from '../pages/modality-features.ts';
import { PageFeatures } from '../pages/page-features.ts';
import { readPage } from '../pages/read-page.ts';
import { floatColumn, type PageRows, type RowReader } from '../train/page-rows.ts';
import { withMaxTokens } from '../train/with-max-tokens.ts';
import type { EncoderSet } from './encoder-sets.ts';
import type { EvaluatedPanel } from './evaluation-part-record.ts';

/** The features of the panels of a page in all views, and what else an evaluation must know about them. */
export interface ViewRows extends PageRows {
  readonly panels: readonly EvaluatedPanel[];
}

export interface ViewRowReader extends RowReader {
  read(...entry: Parameters<RowReader['read']>): Promise<ViewRows>;
}

/** Reads pages, and runs encoders over each panel: its picture, its picture changed, and its texts. */
export async function openViewRowReader(
  { model, maxTokens }: EncoderSet,
  dataset: Dataset,
  { resources }: Pick<TaskContext, 'resources'>,
  signal: AbortSignal,
): Promise<ViewRowReader> {
  using disposables = new DisposableStack();
  const opened = disposables.use(await resources.openModel(model.id));
  const openedModel: ModelWithEngines = { ...opened, servedModel: await withMaxTokens(opened.servedModel, maxTokens) };
  const features = new PageFeatures(resources.features, model);
  const work = { openedModel, features, resources, signal };
  const { backbones } = model.spec.vision;
  const resourceStack = disposables.move();
  return {
    async read(entry) {
      const { image, panels } = await readPage(entry, dataset, resources);
      const columns = new Map<string, Column>();
      // In one call, so that the page is decoded once.
      const crops = PICTURES.flatMap((picture) => panels.map(({ crop }) => pictureCrop(crop, picture)));
      const vision = await computePictureFeatures(image, crops, work);
      for (const [i, picture] of PICTURES.entries()) {
        const pictures = vision.slice(i * panels.length, (i + 1) * panels.length);
        for (const { name, features: width } of backbones) {
          const rows = pictures.map((pooled, row) =>
            requireFinite(pooled[name], `the ${name} feature vector of panel ${panels[row]?.index} (${picture})`),
          );
          columns.set(pictureColumn(picture, name), floatColumn(rows, width));
        }
      }
      const texts = await computeTextFeatures(
        TEXTS.flatMap((name) => panels.map((panel) => panel[name])),
        work,
      );
      const noText = new Float32Array(model.spec.text.features);
      for (const [i, name] of TEXTS.entries()) {
        const rows = texts.slice(i * panels.length, (i + 1) * panels.length).map((row) => row ?? noText);
        columns.set(textColumn(name), floatColumn(rows, noText.length));
      }
      const present = panels.map((_, row) =>
        Float32Array.from(TEXTS, (_name, i) => (texts[i * panels.length + row] === undefined ? 0 : 1)),
      );
      columns.set(VIEW_COLUMNS.presentTexts, floatColumn(present, TEXTS.length));
      columns.set(VIEW_COLUMNS.composition, floatColumn(panels.map(({ composition }) => composition)));
      const textCount = present.filter((row) => row[TEXTS.indexOf('text')] === 1).length;
      return { count: panels.length, texts: textCount, columns, panels: panels.map(describePanel) };
    },
    async [Symbol.asyncDispose]() {
      resourceStack.dispose();
    },
  };
}

function pictureCrop(crop: Crop, picture: Picture): ChangedCrop {
  const change = QUERY_CHANGES.find((name) => name === picture);
  return change === undefined ? crop : changeForQuery(crop, change);
}

function describePanel({ index, composition, lettering, description }: DatasetPanel): EvaluatedPanel {
  const [aspect = Number.NaN, area = Number.NaN] = composition;
  return { index, aspect, area, lettering, description };
}
