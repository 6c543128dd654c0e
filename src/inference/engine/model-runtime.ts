import { COMPOSITION_FEATURES, MODALITIES, type Modality } from '../../model/modality.ts';
import type { Model } from '../../model/model.ts';
import type { SessionOptions } from '../../onnxruntime/session.ts';
import { concatenateFloats } from '../../util/arrays.ts';
import type { EnginePart, PartSeconds } from '../engine-messages.ts';
import type { EngineItem, EngineOutput, EngineResult, PooledFeatures } from '../engine-types.ts';
import { type AbsentVectors, referenceAbsentVectors, zeroAbsentVectors } from './absent-vectors.ts';
import { sessionOptionsFor, textBatchSizes, visualBatchSizes } from './batch-sizes.ts';
import { bucketSizes } from './buckets.ts';
import { getRows, HeadSessions, type InputRows } from './head-sessions.ts';
import { TextEncoder } from './text-encoder.ts';
import { VisualEncoder } from './visual-encoder.ts';
import { ZeroShotEncoders } from './zero-shot-encoders.ts';

/** An item with its index in the batch. */
type IndexedItem = readonly [index: number, item: EngineItem];

/** Vectors of the items that have them, by the index of the item in the batch. */
type RowsByItem = ReadonlyMap<number, Float32Array>;

interface EncodedVision {
  readonly encoded: RowsByItem;
  readonly backboneWeights: RowsByItem;
  /** Pooled features that were not known, by backbone */
  readonly computedFeatures: ReadonlyMap<string, RowsByItem>;
}

const NO_ROWS: RowsByItem = new Map();

/** One model with all its sessions warm. */
export class ModelRuntime {
  readonly #model: Model;
  readonly #visual: readonly VisualEncoder[];
  readonly #text: TextEncoder;
  readonly #head: HeadSessions;
  readonly #absent: AbsentVectors;
  readonly #zeroShot: ZeroShotEncoders | undefined;

  private constructor(
    model: Model,
    visual: readonly VisualEncoder[],
    text: TextEncoder,
    head: HeadSessions,
    absent: AbsentVectors,
    zeroShot: ZeroShotEncoders | undefined,
  ) {
    this.#model = model;
    this.#visual = visual;
    this.#text = text;
    this.#head = head;
    this.#absent = absent;
    this.#zeroShot = zeroShot;
  }

  /** Opens every session and runs every batch size once. */
  static async load(model: Model, options: SessionOptions, maxBatch: number): Promise<ModelRuntime> {
    const visual: VisualEncoder[] = [];
    for (const backbone of model.spec.vision.backbones) {
      const sizes = visualBatchSizes(backbone.encoder, options.provider, maxBatch);
      visual.push(await VisualEncoder.load(model, backbone, sessionOptionsFor(backbone.encoder, options), sizes));
    }
    const { text: textSpec } = model.spec;
    const text = await TextEncoder.load(
      model,
      textSpec,
      sessionOptionsFor(textSpec.encoder, options),
      textBatchSizes(textSpec.encoder, maxBatch),
    );
    const head = await HeadSessions.load(model, options, bucketSizes(2, maxBatch));
    const reference = model.spec.head.fusion_mode === 'reference';
    const absent = reference
      ? await referenceAbsentVectors(model, visual, text, head)
      : zeroAbsentVectors(model.spec.dimensions);
    const zeroShot = await ZeroShotEncoders.load(model, visual, options, maxBatch);
    return new ModelRuntime(model, visual, text, head, absent, zeroShot);
  }

  /**
   * Computes at most maxBatch items, and of each only what its outputs need.
   * @param partSeconds gets the times of the parts added
   */
  async run(items: readonly EngineItem[], partSeconds: PartSeconds = {}): Promise<EngineResult[]> {
    const time = <T>(part: EnginePart, work: () => Promise<T>) => addSeconds(partSeconds, part, work);
    const vision = await time('vision', () => this.#encodeVision(items));
    const text = await time('text', () => this.#encodeText(items));
    const composition = await time('composition', () => this.#encodeComposition(items));
    const encoded = { vision: vision.encoded, text: text.encoded, composition };
    const { fused, gates } = await time('fusion', () => this.#fuse(items, encoded));
    const zeroShot = await time('zero_shot', async () => (await this.#zeroShot?.encode(items)) ?? NO_ROWS);
    const vectors: Record<EngineOutput, RowsByItem> = { ...encoded, fused, zero_shot: zeroShot };
    return items.map((item, index) => ({
      vectors: Object.fromEntries(item.outputs.map((output) => [output, vectors[output].get(index)])),
      gateWeights: gates.get(index) ?? null,
      backboneWeights: vision.backboneWeights.get(index) ?? null,
      ...(item.wantsFeatures && { features: collectComputedFeatures(vision.computedFeatures, text.computed, index) }),
    }));
  }

  async #encodeVision(items: readonly EngineItem[]): Promise<EncodedVision> {
    const present = findItemsNeeding(items, 'vision', (item) => item.pixels ?? item.known?.vision);
    if (present.length === 0) return { encoded: NO_ROWS, backboneWeights: NO_ROWS, computedFeatures: new Map() };
    const pooled: Record<string, InputRows[string]> = {};
    const computedFeatures = new Map<string, RowsByItem>();
    for (const encoder of this.#visual) {
      const { name, features: width } = encoder.backbone;
      const { data, computed } = await collectPooledFeatures(
        present,
        (item) => item.known?.vision?.[name],
        (missing) => encoder.encode(missing.map(([, item]) => assertPresent(item.pixels, 'pixels'))),
      );
      pooled[name] = { data, width };
      computedFeatures.set(name, computed);
    }
    const { backbone_weights: weights, ...outputs } = await this.#head.run('vision', present.length, pooled);
    return {
      encoded: splitRows(present, getRows(outputs, 'vision')),
      backboneWeights: weights === undefined ? NO_ROWS : splitRows(present, weights),
      computedFeatures,
    };
  }

  async #encodeText(items: readonly EngineItem[]): Promise<{ encoded: RowsByItem; computed: RowsByItem }> {
    const present = findItemsNeeding(items, 'text', (item) => item.tokens ?? item.known?.text);
    if (present.length === 0) return { encoded: NO_ROWS, computed: NO_ROWS };
    const width = this.#model.spec.text.features;
    const { data, computed } = await collectPooledFeatures(
      present,
      (item) => item.known?.text,
      (missing) => this.#text.encode(missing.map(([, item]) => assertPresent(item.tokens, 'tokens'))),
    );
    const outputs = await this.#head.run('text', present.length, { text_features: { data, width } });
    return { encoded: splitRows(present, getRows(outputs, 'text')), computed };
  }

  async #encodeComposition(items: readonly EngineItem[]): Promise<RowsByItem> {
    const present = findItemsNeeding(items, 'composition', (item) => item.composition);
    if (present.length === 0) return NO_ROWS;
    const compositions = present.map(([, item]) => assertPresent(item.composition, 'composition'));
    const rows = { comp_feats: { data: concatenateFloats(compositions), width: COMPOSITION_FEATURES } };
    const outputs = await this.#head.run('composition', present.length, rows);
    return splitRows(present, getRows(outputs, 'composition'));
  }

  async #fuse(
    items: readonly EngineItem[],
    encoded: Record<Modality, RowsByItem>,
  ): Promise<{ fused: RowsByItem; gates: RowsByItem }> {
    const fusedItems = [...items.entries()].filter(([, item]) => item.outputs.includes('fused'));
    if (fusedItems.length === 0) return { fused: NO_ROWS, gates: NO_ROWS };
    const width = this.#model.spec.dimensions;
    const rows = MODALITIES.map((modality) => {
      const vectors = fusedItems.map(([index]) => encoded[modality].get(index) ?? this.#absent[modality]);
      return [modality, { data: concatenateFloats(vectors), width }] as const;
    });
    const mask = fusedItems.flatMap(([index, item]) =>
      MODALITIES.map((modality) => (encoded[modality].has(index) && !item.masked?.includes(modality) ? 1 : 0)),
    );
    const outputs = await this.#head.run('fusion', fusedItems.length, {
      ...Object.fromEntries(rows),
      modality_mask: { data: Float32Array.from(mask), width: MODALITIES.length },
    });
    return {
      fused: splitRows(fusedItems, getRows(outputs, 'fused')),
      gates: splitRows(fusedItems, getRows(outputs, 'gate_weights')),
    };
  }
}

/** Times the work of a part. */
async function addSeconds<T>(partSeconds: PartSeconds, part: EnginePart, work: () => Promise<T>): Promise<T> {
  const startTime = performance.now();
  const result = await work();
  partSeconds[part] = (partSeconds[part] ?? 0) + (performance.now() - startTime) / 1000;
  return result;
}

/** Items that have the modality and need its vector, for itself or for the fusion. */
function findItemsNeeding(
  items: readonly EngineItem[],
  output: Modality,
  getContent: (item: EngineItem) => unknown,
): IndexedItem[] {
  return [...items.entries()].filter(
    ([, item]) => getContent(item) != null && (item.outputs.includes(output) || item.outputs.includes('fused')),
  );
}

/** Pooled features of the items as rows: those that are known, and the rest from the encoder in one call. */
async function collectPooledFeatures(
  items: readonly IndexedItem[],
  getKnown: (item: EngineItem) => Float32Array | undefined,
  encode: (missing: readonly IndexedItem[]) => Promise<Float32Array>,
): Promise<{ readonly data: Float32Array; readonly computed: RowsByItem }> {
  const missing = items.filter(([, item]) => getKnown(item) === undefined);
  const computed = missing.length === 0 ? NO_ROWS : splitRows(missing, await encode(missing));
  const rows = items.map(([index, item]) => assertPresent(getKnown(item) ?? computed.get(index), 'pooled features'));
  return { data: concatenateFloats(rows), computed };
}

function collectComputedFeatures(
  vision: ReadonlyMap<string, RowsByItem>,
  text: RowsByItem,
  index: number,
): PooledFeatures {
  const visionFeatures = [...vision].flatMap(([name, rows]) => {
    const features = rows.get(index);
    return features === undefined ? [] : [[name, features] as const];
  });
  const textFeatures = text.get(index);
  return {
    ...(visionFeatures.length > 0 && { vision: Object.fromEntries(visionFeatures) }),
    ...(textFeatures && { text: textFeatures }),
  };
}

/** Rows of one width by item; each is a copy that can be sent alone. */
function splitRows(items: readonly IndexedItem[], rows: Float32Array): RowsByItem {
  const width = rows.length / items.length;
  return new Map(items.map(([index], row) => [index, rows.slice(row * width, (row + 1) * width)]));
}

function assertPresent<T>(content: T | null | undefined, name: string): T {
  if (content == null) throw new Error(`an item of the batch lacks its ${name}`);
  return content;
}
