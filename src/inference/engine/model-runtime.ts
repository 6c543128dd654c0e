import { COMPOSITION_FEATURES, MODALITIES, type Modality } from '../../model/modality.ts';
import type { Model } from '../../model/model.ts';
import type { SessionOptions } from '../../onnxruntime/session.ts';
import { concatenateFloats } from '../../util/arrays.ts';
import type { EngineItem, EngineResult, Output, PooledFeatures } from '../engine-types.ts';
import { type AbsentVectors, referenceAbsentVectors, zeroAbsentVectors } from './absent-vectors.ts';
import { sessionOptionsFor, textBatchSizes, visualBatchSizes } from './batch-sizes.ts';
import { bucketSizes } from './buckets.ts';
import { HeadSessions, type InputRows } from './head-sessions.ts';
import { TextEncoder } from './text-encoder.ts';
import { VisualEncoder } from './visual-encoder.ts';

/** Vectors of one modality for the items that have it, by the item's place in the batch. */
type RowsByItem = Map<number, Float32Array>;

interface EncodedVision {
  readonly encoded: RowsByItem;
  readonly backboneWeights: RowsByItem;
  /** Pooled features that were not known, by backbone */
  readonly computedFeatures: ReadonlyMap<string, RowsByItem>;
}

/** One model with all its sessions warm. */
export class ModelRuntime {
  readonly #model: Model;
  readonly #visual: readonly VisualEncoder[];
  readonly #text: TextEncoder;
  readonly #head: HeadSessions;
  readonly #absent: AbsentVectors;

  private constructor(
    model: Model,
    visual: readonly VisualEncoder[],
    text: TextEncoder,
    head: HeadSessions,
    absent: AbsentVectors,
  ) {
    this.#model = model;
    this.#visual = visual;
    this.#text = text;
    this.#head = head;
    this.#absent = absent;
  }

  /** Loads every session and runs every batch size once. */
  static async load(model: Model, options: SessionOptions, maxBatch: number): Promise<ModelRuntime> {
    const visual: VisualEncoder[] = [];
    for (const backbone of model.spec.vision.backbones) {
      const sizes = visualBatchSizes(backbone.encoder, options.provider, maxBatch);
      visual.push(await VisualEncoder.load(model, backbone, sessionOptionsFor(backbone.encoder, options), sizes));
    }
    const { encoder: textEncoder } = model.spec.text;
    const text = await TextEncoder.load(
      model,
      sessionOptionsFor(textEncoder, options),
      textBatchSizes(textEncoder, maxBatch),
    );
    const head = await HeadSessions.load(model, options, bucketSizes(2, maxBatch));
    const reference = model.spec.head.fusion_mode === 'reference';
    const absent = reference
      ? await referenceAbsentVectors(model, visual, text, head)
      : zeroAbsentVectors(model.spec.dimensions);
    return new ModelRuntime(model, visual, text, head, absent);
  }

  /** At most maxBatch items. Only what their outputs need is computed. */
  async run(items: readonly EngineItem[]): Promise<EngineResult[]> {
    const vision = await this.#encodeVision(items);
    const text = await this.#encodeText(items);
    const composition = await this.#encodeComposition(items);
    const encoded = { vision: vision.encoded, text: text.encoded, composition };
    const { fused, gates } = await this.#fuse(items, encoded);
    const vectors: Record<Output, RowsByItem> = { ...encoded, fused };
    return items.map((item, i) => ({
      vectors: Object.fromEntries(item.outputs.map((output) => [output, vectors[output].get(i)])),
      gateWeights: gates.get(i) ?? null,
      backboneWeights: vision.backboneWeights.get(i) ?? null,
      ...(item.wantsFeatures && { features: collectComputedFeatures(vision.computedFeatures, text.computed, i) }),
    }));
  }

  async #encodeVision(items: readonly EngineItem[]): Promise<EncodedVision> {
    const indices = findItemsNeeding(items, 'vision', (item) => item.pixels ?? item.known?.vision);
    if (indices.length === 0) return { encoded: new Map(), backboneWeights: new Map(), computedFeatures: new Map() };
    const pooled: Record<string, InputRows[string]> = {};
    const computed = new Map<string, RowsByItem>();
    for (const [i, { name, features }] of this.#model.spec.vision.backbones.entries()) {
      const { data, computed: newFeatures } = await collectPooledFeatures(
        indices,
        features,
        (index) => items[index]!.known?.vision?.[name],
        (missing) => this.#visual[i]!.encode(missing.map((index) => items[index]!.pixels!)),
      );
      pooled[name] = { data, width: features };
      computed.set(name, newFeatures);
    }
    const outputs = await this.#head.run('vision', indices.length, pooled);
    return {
      encoded: splitRows(indices, outputs['vision']!),
      backboneWeights: outputs['backbone_weights'] ? splitRows(indices, outputs['backbone_weights']) : new Map(),
      computedFeatures: computed,
    };
  }

  async #encodeText(items: readonly EngineItem[]): Promise<{ encoded: RowsByItem; computed: RowsByItem }> {
    const indices = findItemsNeeding(items, 'text', (item) => item.tokens ?? item.known?.text);
    if (indices.length === 0) return { encoded: new Map(), computed: new Map() };
    const width = this.#model.spec.text.features;
    const { data, computed } = await collectPooledFeatures(
      indices,
      width,
      (index) => items[index]!.known?.text,
      (missing) => this.#text.encode(missing.map((index) => items[index]!.tokens!)),
    );
    const outputs = await this.#head.run('text', indices.length, { text_features: { data, width } });
    return { encoded: splitRows(indices, outputs['text']!), computed };
  }

  async #encodeComposition(items: readonly EngineItem[]): Promise<RowsByItem> {
    const indices = findItemsNeeding(items, 'composition', (item) => item.composition);
    if (indices.length === 0) return new Map();
    const data = concatenateFloats(indices.map((index) => items[index]!.composition!));
    const rows = { comp_feats: { data, width: COMPOSITION_FEATURES } };
    return splitRows(indices, (await this.#head.run('composition', indices.length, rows))['composition']!);
  }

  async #fuse(
    items: readonly EngineItem[],
    encoded: Record<Modality, RowsByItem>,
  ): Promise<{ fused: RowsByItem; gates: RowsByItem }> {
    const indices = [...items.keys()].filter((index) => items[index]!.outputs.includes('fused'));
    if (indices.length === 0) return { fused: new Map(), gates: new Map() };
    const width = this.#model.spec.dimensions;
    const rows = MODALITIES.map((modality, modalityIndex) => {
      const data = concatenateFloats(
        indices.map((index) => encoded[modality].get(index) ?? this.#absent[modalityIndex]!),
      );
      return [modality, { data, width }] as const;
    });
    const present = indices.flatMap((index) =>
      MODALITIES.map((modality) => (encoded[modality].has(index) && !items[index]!.masked?.includes(modality) ? 1 : 0)),
    );
    const mask = { data: Float32Array.from(present), width: MODALITIES.length };
    const outputs = await this.#head.run('fusion', indices.length, {
      ...Object.fromEntries(rows),
      modality_mask: mask,
    });
    return { fused: splitRows(indices, outputs['fused']!), gates: splitRows(indices, outputs['gate_weights']!) };
  }
}

/** Items that have the modality and need its vector, for itself or for the fusion. */
function findItemsNeeding(
  items: readonly EngineItem[],
  output: Modality,
  getContent: (item: EngineItem) => unknown,
): number[] {
  return [...items.keys()].filter((index) => {
    const item = items[index]!;
    return getContent(item) != null && (item.outputs.includes(output) || item.outputs.includes('fused'));
  });
}

/** Pooled features of all places as rows: those that are known, and the rest from the encoder in one call. */
async function collectPooledFeatures(
  indices: readonly number[],
  width: number,
  known: (index: number) => Float32Array | undefined,
  encode: (missing: readonly number[]) => Promise<Float32Array>,
): Promise<{ readonly data: Float32Array; readonly computed: RowsByItem }> {
  const missing = indices.filter((index) => known(index) === undefined);
  const computed: RowsByItem = missing.length === 0 ? new Map() : splitRows(missing, await encode(missing));
  const data = new Float32Array(indices.length * width);
  indices.forEach((index, row) => {
    data.set(known(index) ?? computed.get(index)!, row * width);
  });
  return { data, computed };
}

function collectComputedFeatures(
  vision: ReadonlyMap<string, RowsByItem>,
  text: RowsByItem,
  index: number,
): PooledFeatures {
  const backbones = [...vision].flatMap(([name, rows]) => (rows.has(index) ? [[name, rows.get(index)!] as const] : []));
  return {
    ...(backbones.length > 0 && { vision: Object.fromEntries(backbones) }),
    ...(text.has(index) && { text: text.get(index)! }),
  };
}

/** Rows of one width, given to their places; each a copy that can be sent alone. */
function splitRows(indices: readonly number[], rows: Float32Array): RowsByItem {
  const width = rows.length / indices.length;
  return new Map(indices.map((index, row) => [index, rows.slice(row * width, (row + 1) * width)]));
}
