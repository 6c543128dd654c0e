import { PanelvecError } from '../../errors.ts';
import { COLUMNS, type Column, visionColumn } from '../../training/data/columns.ts';
import { isFiniteVector } from '../../vectors/finish.ts';
import type { ComputedModel, TaskContext } from '../job-kind.ts';
import { type ComputedPanel, computePanels } from '../pages/compute-panels.ts';
import { PageFeatures } from '../pages/page-features.ts';
import { readPage } from '../pages/read-page.ts';
import { asTrained } from './as-trained.ts';
import { trainedParts } from './model-parts.ts';
import { commonColumns, floatColumn, type RowReader } from './page-rows.ts';
import type { TrainSpec } from './train-spec.ts';

/**
 * What the base's frozen encoders say of the panels, from the cache of features where it is known. Where the fusion lets
 * absent modalities in, absent words are those of the empty text, as in the original.
 */
export async function frozenRows(spec: TrainSpec, { resources }: TaskContext, signal: AbortSignal): Promise<RowReader> {
  using opened = new DisposableStack();
  const base = opened.use(await resources.model(spec.model.base));
  const { model } = base.served;
  const parts = trainedParts(spec, model);
  const computed: ComputedModel = { ...base, served: await asTrained(base.served, parts) };
  const features = new PageFeatures(resources.features, model);
  const absent =
    parts.head.fusion_mode === 'reference'
      ? await emptyText(computed, signal)
      : new Float32Array(model.spec.text.features);
  const work = { computed, features, resources, signal };
  const open = opened.move();
  return {
    async read(entry) {
      const { bytes, panels } = await readPage(entry, spec.dataset, resources);
      const found = await computePanels(bytes, panels, ['fused'], work);
      const texts = found.map(({ pooled }) => pooled.text);
      const columns = new Map<string, Column>([
        ...parts.vision.backbones.map(({ name, features: width }): [string, Column] => [
          visionColumn(name),
          floatColumn(
            found.map((panel, at) => finite(panel, name, panels[at]!.at)),
            width,
          ),
        ]),
        [
          COLUMNS.text,
          floatColumn(
            texts.map((text) => text ?? absent),
            absent.length,
          ),
        ],
        ...commonColumns(panels.map(({ composition }, at) => ({ composition, hasText: texts[at] !== undefined }))),
      ]);
      return { count: panels.length, texts: texts.filter((text) => text !== undefined).length, columns };
    },
    async [Symbol.asyncDispose]() {
      open.dispose();
    },
  };
}

function finite({ pooled }: ComputedPanel, backbone: string, panel: number): Float32Array {
  const vector = pooled.vision![backbone]!;
  if (isFiniteVector(vector)) return vector;
  throw new PanelvecError('vector_not_finite', `${backbone} gives no finite features for panel ${panel}`);
}

async function emptyText({ served, engines }: ComputedModel, signal: AbortSignal): Promise<Float32Array> {
  const { model, tokenizer } = served;
  if (tokenizer === undefined) return new Float32Array(model.spec.text.features);
  const { tokens } = tokenizer.encode('');
  const item = { pixels: null, tokens, composition: null, outputs: ['text'] as const, wantsFeatures: true };
  return (await engines.bulk(model.id, item, signal)).features!.text!;
}
