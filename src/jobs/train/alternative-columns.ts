import type { DatasetPanel } from '../../datasets/panel-files/page-panels.ts';
import type { ModelSpec } from '../../model/model-spec.ts';
import { drawView } from '../../preprocess/augment/draw-view.ts';
import type { ChangedCrop } from '../../preprocess/augment/picture-change.ts';
import type { ImageFile } from '../../preprocess/image/open-image.ts';
import { COLUMNS, type Column, viewsColumn } from '../../training/training-columns.ts';
import { concatenateFloats } from '../../util/arrays.ts';
import { type PanelContext, requireFinite } from '../pages/compute-panels.ts';
import { computePictureFeatures, computeTextFeatures } from '../pages/modality-features.ts';
import { hashPage, type PictureFeatures } from '../pages/page-features.ts';
import { floatColumn } from './page-rows.ts';

/** The name of a backbone, and the number of its features. */
type FeatureWidth = Pick<ModelSpec['vision']['backbones'][number], 'name' | 'features'>;

/** The columns of the views that may be shown in place of each panel's picture, for each backbone. */
export async function viewColumns(
  image: ImageFile,
  panels: readonly DatasetPanel[],
  { views, backbones }: { readonly views: number; readonly backbones: readonly FeatureWidth[] },
  context: PanelContext,
): Promise<[string, Column][]> {
  if (views === 0) return [];
  const digest = hashPage(image);
  const viewsByPanel = panels.map((panel) =>
    Array.from({ length: views }, (_, view) => drawPanelView(image, digest, panel, view)),
  );
  const features = await computeViews(image, viewsByPanel, context);
  return backbones.map(({ name, features: width }) => {
    const rows = features.map((ofPanel, i) => {
      const description = `the ${name} feature vector of a view of panel ${panels[i]?.index}`;
      return concatenateFloats(ofPanel.map((vision) => requireFinite(vision[name], description)));
    });
    return [viewsColumn(name), { ...floatColumn(rows), shape: [views, width] }];
  });
}

/**
 * Another seed of a training draws others of the same views, so that their features can stay in the cache. Each is encoded as it is:
 * the parts of it that a model's grid would add are drawn as other views.
 */
function drawPanelView(page: ImageFile, digest: string, panel: DatasetPanel, view: number): ChangedCrop {
  const { left, top, right, bottom } = panel.crop;
  return drawView({ ...panel, page }, [digest, left, top, right, bottom, view]);
}

/** A page over the limit of pixels is decoded for each panel: views of several panels would need too many regions of it. */
async function computeViews(
  image: ImageFile,
  viewsByPanel: readonly (readonly ChangedCrop[])[],
  context: PanelContext,
): Promise<PictureFeatures[][]> {
  if (image.width * image.height <= image.maxPixels) {
    const features = await computePictureFeatures(image, viewsByPanel.flat(), context);
    return viewsByPanel.map((views, i) => features.slice(i * views.length, (i + 1) * views.length));
  }
  const features: PictureFeatures[][] = [];
  for (const views of viewsByPanel) features.push(await computePictureFeatures(image, views, context));
  return features;
}

/** The columns of the descriptions alone and of the lettering alone. */
export async function separateTextColumns(
  panels: readonly DatasetPanel[],
  joinedFeatures: readonly (Float32Array | undefined)[],
  absentText: Float32Array,
  context: PanelContext,
): Promise<[string, Column][]> {
  // Most panels have one kind alone, which is their joined text.
  const separate = panels.map(({ text, description, lettering }) =>
    [description, lettering].map((words) => (words === text ? null : words)),
  );
  const computed = await computeTextFeatures(separate.flat(), context);
  const features = panels.map(({ text, description, lettering }, i) =>
    [description, lettering].map((words, kind) =>
      words !== null && words === text ? joinedFeatures[i] : computed[2 * i + kind],
    ),
  );
  return [
    [
      COLUMNS.separateTexts,
      {
        ...floatColumn(features.map((kinds) => concatenateFloats(kinds.map((kind) => kind ?? absentText)))),
        shape: [2, absentText.length],
      },
    ],
    [
      COLUMNS.textKinds,
      floatColumn(
        features.map((kinds) => Float32Array.from(kinds, (kind) => (kind === undefined ? 0 : 1))),
        2,
      ),
    ],
  ];
}
