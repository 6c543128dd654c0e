import type { components } from './schema.js';
import type { Embeddings, PageEmbeddings } from './types.js';

type Schemas = components['schemas'];
export declare function readEmbeddings({ data, model, space, dimensions }: Schemas['EmbeddingList']): Embeddings;
export declare function readPage({ data, model, space, dimensions }: Schemas['PageEmbeddingList']): PageEmbeddings;
