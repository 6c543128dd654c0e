import type { components, paths } from './schema.js';

type Schemas = components['schemas'];
type Query<Path extends keyof paths> = paths[Path] extends { post: { parameters: { query?: infer Options } } }
  ? NonNullable<Options>
  : never;
type JsonBody<Path extends keyof paths> = paths[Path] extends {
  post: { requestBody: { content: { 'application/json': infer Body } } };
}
  ? Body
  : never;

/** Bytes of a picture: JPEG, PNG, WebP or AVIF */
export type ImageInput = Blob | Uint8Array<ArrayBuffer> | ArrayBuffer;

export type Job = Schemas['Job'];
export type JobSpec = JsonBody<'/v1/jobs'>;
export type SearchResults = Schemas['SearchList'];
export type SearchQuery = Omit<JsonBody<'/v1/search'>, 'collection' | 'image'> & { readonly image?: ImageInput };
export type EmbedOptions = Omit<Query<'/v1/embeddings/image'>, 'encoding_format'>;
export type PageOptions = Omit<Query<'/v1/embeddings/page'>, 'encoding_format'> & { readonly canonical_id?: string };
/** A saved panel file of a page, or its panels with `bbox` or `box_2d` */
export type PanelsInput = readonly object[] | { readonly panels?: unknown };

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly priority?: 'interactive' | 'batch';
}

type EmbeddingInfo = Omit<Schemas['Embedding'], 'object' | 'index' | 'embedding' | 'outputs'>;

/** Vectors of pictures or texts, one for each */
export interface Embeddings {
  readonly vectors: Float32Array[];
  readonly model: string;
  /** Vectors of different spaces do not compare. */
  readonly space: string;
  /** What the service says of each beside its vector */
  readonly items: EmbeddingInfo[];
  /** By name, if several outputs were asked for; null where the modality is missing */
  readonly outputs: Readonly<Record<string, (Float32Array | null)[]>>;
}

/** Vectors of the panels of a page. The mask is false in rows that `pad_to` has added. */
export interface PageEmbeddings {
  readonly vectors: Float32Array[];
  readonly mask: boolean[];
  readonly model: string;
  readonly space: string;
  readonly canonicalId: string | null;
  /** Size of the page, what was read differently from how it is written, crops and gates of the panels */
  readonly metadata: Schemas['PageEmbeddingList']['data'][number]['metadata'];
  readonly outputs: Readonly<Record<string, (Float32Array | null)[]>>;
}
