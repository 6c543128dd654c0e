import { COMPOSITION_FEATURES, MODALITIES, type Modality } from '../../model/head/head-spec.ts';
import type { Model } from '../../model/model.ts';
import type { EngineItem, EngineResult, Output, PooledFeatures } from '../contract.ts';
import { type AbsentVectors, referenceVectors, zeroVectors } from './absent.ts';
import { bucketSizes } from './buckets.ts';
import { HeadSessions, type Rows } from './head-sessions.ts';
import { placeOf, textRunSizes, visualRunSizes } from './run-sizes.ts';
import type { SessionOptions } from './session.ts';
import { TextEncoder } from './text-encoder.ts';
import { VisualEncoder } from './visual-encoder.ts';

/** Vectors of one modality for the items that have it, by the item's place in the batch. */
type Encoded = Map<number, Float32Array>;

interface EncodedVision {
  readonly encoded: Encoded;
  readonly backbones: Encoded;
  /** Pooled features that were not known, by backbone */
  readonly computed: ReadonlyMap<string, Encoded>;
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
      const sizes = visualRunSizes(backbone.encoder, options.provider, maxBatch);
      visual.push(await VisualEncoder.load(model, backbone, placeOf(backbone.encoder, options), sizes));
    }
    const { encoder: words } = model.spec.text;
    const text = await TextEncoder.load(model, placeOf(words, options), textRunSizes(words, maxBatch));
    const head = await HeadSessions.load(model, options, bucketSizes(2, maxBatch));
    const reference = model.spec.head.fusion_mode === 'reference';
    const absent = reference ? await referenceVectors(model, visual, text, head) : zeroVectors(model.spec.dimensions);
    return new ModelRuntime(model, visual, text, head, absent);
  }

  /** At most maxBatch items. Only what their outputs need is computed. */
  async run(items: readonly EngineItem[]): Promise<EngineResult[]> {
    const vision = await this.#encodeVision(items);
    const text = await this.#encodeText(items);
    const composition = await this.#encodeComposition(items);
    const encoded = { vision: vision.encoded, text: text.encoded, composition };
    const { fused, gates } = await this.#fuse(items, encoded);
    const vectors: Record<Output, Encoded> = { ...encoded, fused };
    return items.map((item, at) => ({
      vectors: Object.fromEntries(item.outputs.map((output) => [output, vectors[output].get(at)])),
      gate: gates.get(at) ?? null,
      backbones: vision.backbones.get(at) ?? null,
      ...(item.wantsFeatures && { features: computedFeatures(vision.computed, text.computed, at) }),
    }));
  }

  async #encodeVision(items: readonly EngineItem[]): Promise<EncodedVision> {
    const places = placesNeeding(items, 'vision', (item) => item.pixels ?? item.known?.vision);
    if (places.length === 0) return { encoded: new Map(), backbones: new Map(), computed: new Map() };
    const pooled: Record<string, Rows[string]> = {};
    const computed = new Map<string, Encoded>();
    for (const [at, { name, features }] of this.#model.spec.vision.backbones.entries()) {
      const { data, fresh } = await pool(
        places,
        features,
        (place) => items[place]!.known?.vision?.[name],
        (missing) => this.#visual[at]!.encode(missing.map((place) => items[place]!.pixels!)),
      );
      pooled[name] = { data, width: features };
      computed.set(name, fresh);
    }
    const outputs = await this.#head.run('vision', places.length, pooled);
    return {
      encoded: byPlace(places, outputs['vision']!),
      backbones: outputs['backbone_weights'] ? byPlace(places, outputs['backbone_weights']) : new Map(),
      computed,
    };
  }

  async #encodeText(items: readonly EngineItem[]): Promise<{ encoded: Encoded; computed: Encoded }> {
    const places = placesNeeding(items, 'text', (item) => item.tokens ?? item.known?.text);
    if (places.length === 0) return { encoded: new Map(), computed: new Map() };
    const width = this.#model.spec.text.features;
    const { data, fresh } = await pool(
      places,
      width,
      (place) => items[place]!.known?.text,
      (missing) => this.#text.encode(missing.map((place) => items[place]!.tokens!)),
    );
    const outputs = await this.#head.run('text', places.length, { text_features: { data, width } });
    return { encoded: byPlace(places, outputs['text']!), computed: fresh };
  }

  async #encodeComposition(items: readonly EngineItem[]): Promise<Encoded> {
    const places = placesNeeding(items, 'composition', (item) => item.composition);
    if (places.length === 0) return new Map();
    const data = concatenate(places.map((at) => items[at]!.composition!));
    const rows = { comp_feats: { data, width: COMPOSITION_FEATURES } };
    return byPlace(places, (await this.#head.run('composition', places.length, rows))['composition']!);
  }

  async #fuse(
    items: readonly EngineItem[],
    encoded: Record<Modality, Encoded>,
  ): Promise<{ fused: Encoded; gates: Encoded }> {
    const places = [...items.keys()].filter((at) => items[at]!.outputs.includes('fused'));
    if (places.length === 0) return { fused: new Map(), gates: new Map() };
    const width = this.#model.spec.dimensions;
    const rows = MODALITIES.map((modality, slot) => {
      const data = concatenate(places.map((at) => encoded[modality].get(at) ?? this.#absent[slot]!));
      return [modality, { data, width }] as const;
    });
    const present = places.flatMap((at) =>
      MODALITIES.map((modality) => (encoded[modality].has(at) && !items[at]!.masked?.includes(modality) ? 1 : 0)),
    );
    const mask = { data: Float32Array.from(present), width: MODALITIES.length };
    const outputs = await this.#head.run('fusion', places.length, { ...Object.fromEntries(rows), modality_mask: mask });
    return { fused: byPlace(places, outputs['fused']!), gates: byPlace(places, outputs['gate_weights']!) };
  }
}

/** Items that have the modality and need its vector, for itself or for the fusion. */
function placesNeeding(
  items: readonly EngineItem[],
  output: Modality,
  content: (item: EngineItem) => unknown,
): number[] {
  return [...items.keys()].filter((at) => {
    const item = items[at]!;
    return content(item) != null && (item.outputs.includes(output) || item.outputs.includes('fused'));
  });
}

/** Pooled features of all places as rows: those that are known, and the rest from the encoder in one call. */
async function pool(
  places: readonly number[],
  width: number,
  known: (place: number) => Float32Array | undefined,
  encode: (missing: readonly number[]) => Promise<Float32Array>,
): Promise<{ readonly data: Float32Array; readonly fresh: Encoded }> {
  const missing = places.filter((place) => known(place) === undefined);
  const fresh: Encoded = missing.length === 0 ? new Map() : byPlace(missing, await encode(missing));
  const data = new Float32Array(places.length * width);
  places.forEach((place, row) => {
    data.set(known(place) ?? fresh.get(place)!, row * width);
  });
  return { data, fresh };
}

function computedFeatures(vision: ReadonlyMap<string, Encoded>, text: Encoded, at: number): PooledFeatures {
  const backbones = [...vision].flatMap(([name, rows]) => (rows.has(at) ? [[name, rows.get(at)!] as const] : []));
  return {
    ...(backbones.length > 0 && { vision: Object.fromEntries(backbones) }),
    ...(text.has(at) && { text: text.get(at)! }),
  };
}

/** Rows of one width, given to their places; each a copy that can be sent alone. */
function byPlace(places: readonly number[], rows: Float32Array): Encoded {
  const width = rows.length / places.length;
  return new Map(places.map((place, row) => [place, rows.slice(row * width, (row + 1) * width)]));
}

function concatenate(rows: readonly Float32Array[]): Float32Array {
  const width = rows[0]!.length;
  const joined = new Float32Array(rows.length * width);
  rows.forEach((row, at) => {
    joined.set(row, at * width);
  });
  return joined;
}
