import { ResponseError } from './errors.js';
import type { components } from './schema.js';
import type { Embeddings, PageEmbeddings } from './types.js';

type Schemas = components['schemas'];
type Vector = Schemas['Vector'];

export function readEmbeddings({ data, model, space, dimensions }: Schemas['EmbeddingList']): Embeddings {
  const names = Object.keys(data[0]?.outputs ?? {});
  return {
    vectors: data.map(({ embedding }) => decodeVector(embedding, dimensions)),
    model,
    space,
    items: data.map(({ object: _, index: __, embedding: ___, outputs: ____, ...info }) => info),
    outputs: Object.fromEntries(
      names.map((name) => [name, data.map((item) => decodeOutput(item.outputs?.[name as never], dimensions))]),
    ),
  };
}

export function readPage({ data, model, space, dimensions }: Schemas['PageEmbeddingList']): PageEmbeddings {
  const [page] = data;
  if (page === undefined) throw new ResponseError('the response has no page');
  return {
    vectors: page.panel_embeddings.map((vector) => decodeVector(vector, dimensions)),
    mask: page.panel_mask,
    model,
    space,
    canonicalId: page.canonical_id,
    metadata: page.metadata,
    outputs: Object.fromEntries(
      Object.entries(page.panel_outputs ?? {}).map(([name, vectors]) => [
        name,
        vectors.map((vector) => decodeOutput(vector, dimensions)),
      ]),
    ),
  };
}

function decodeOutput(vector: Vector | null | undefined, dimensions: number): Float32Array | null {
  return vector === null || vector === undefined ? null : decodeVector(vector, dimensions);
}

/** Decodes base64 of little-endian float32: the bits that the model gave. */
function decodeVector(vector: Vector, dimensions: number): Float32Array {
  if (typeof vector !== 'string') throw new ResponseError('a vector is no base64');
  const bytes = Uint8Array.from(atob(vector), (character) => character.charCodeAt(0));
  if (bytes.length !== 4 * dimensions) {
    throw new ResponseError(`the model has ${dimensions} dimensions, and a vector has ${bytes.length / 4} numbers`);
  }
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: dimensions }, (_, i) => view.getFloat32(4 * i, true));
}
