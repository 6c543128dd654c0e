import { PanelvecError } from '../../errors.ts';
import { COLUMNS, type Column, visionColumn } from '../../training/training-columns.ts';
import type { ModelWithEngines, TaskContext } from '../job-kind.ts';
import { computePanels, requireFinite } from '../pages/compute-panels.ts';
import { PageFeatures } from '../pages/page-features.ts';
import { readPage } from '../pages/read-page.ts';
import { separateTextColumns, viewColumns } from './alternative-columns.ts';
import { commonColumns, floatColumn, type RowReader } from './page-rows.ts';
import type { TrainSpec } from './train-spec.ts';
import { trainedModelParts } from './trained-model-parts.ts';
import { withMaxTokens } from './with-max-tokens.ts';

/**
 * Reads pages for frozen encoders: their features of each panel and of its views, from the feature cache where it has them. Where the fusion lets
 * absent modalities in, an absent text has the features of the empty text, as in the original.
 * @param views of each panel; held-out pages need none
 */
export async function openFeatureRowReader(
  spec: TrainSpec,
  { resources }: TaskContext,
  signal: AbortSignal,
  views = spec.training.views,
): Promise<RowReader> {
  using disposables = new DisposableStack();
  const base = disposables.use(await resources.openModel(spec.model.base));
  const { model } = base.servedModel;
  const parts = trainedModelParts(spec, model);
  const computed: ModelWithEngines = {
    ...base,
    servedModel: await withMaxTokens(base.servedModel, parts.text.max_tokens),
  };
  const features = new PageFeatures(resources.features, model);
  const absentText =
    parts.head.fusion_mode === 'reference'
      ? await encodeEmptyText(computed, signal)
      : new Float32Array(model.spec.text.features);
  const viewOptions = { views, backbones: parts.vision.backbones };
  const panelWork = { openedModel: computed, features, resources, signal };
  const resourceStack = disposables.move();
  return {
    async read(entry) {
      const { image, panels } = await readPage(entry, spec.dataset, resources);
      const computedPanels = await computePanels(image, panels, ['fused'], panelWork);
      const texts = computedPanels.map(({ pooledFeatures: pooled }) => pooled.text);
      const columns = new Map<string, Column>([
        ...parts.vision.backbones.map(({ name, features: width }): [string, Column] => [
          visionColumn(name),
          floatColumn(
            computedPanels.map(({ pooledFeatures: { vision }, index }) =>
              requireFinite(vision?.[name], `the ${name} feature vector of panel ${index}`),
            ),
            width,
          ),
        ]),
        [
          COLUMNS.text,
          floatColumn(
            texts.map((text) => text ?? absentText),
            absentText.length,
          ),
        ],
        ...(await separateTextColumns(panels, texts, absentText, panelWork)),
        ...(await viewColumns(image, panels, viewOptions, panelWork)),
        ...commonColumns(panels.map(({ composition }, i) => ({ composition, hasText: texts[i] !== undefined }))),
      ]);
      return { count: panels.length, texts: texts.filter((text) => text !== undefined).length, columns };
    },
    async [Symbol.asyncDispose]() {
      resourceStack.dispose();
    },
  };
}

async function encodeEmptyText(
  { servedModel: served, engines }: ModelWithEngines,
  signal: AbortSignal,
): Promise<Float32Array> {
  const { model, tokenizer } = served;
  if (tokenizer === undefined) return new Float32Array(model.spec.text.features);
  const { tokens } = tokenizer.encode('');
  const item = { pixels: null, tokens, composition: null, outputs: ['text'] as const, wantsFeatures: true };
  const { features } = await engines.runBulk(model.id, item, signal);
  if (features?.text) return features.text;
  throw new PanelvecError('internal', `${model.id} gives no features for the empty text`);
}
