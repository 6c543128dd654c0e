import type { WorkOptions } from '../../embedding/admitted-work.ts';
import type { Embedder, EmbedOptions } from '../../embedding/embedder.ts';
import type { PanelInput } from '../../embedding/panel-input.ts';
import type { ServedModel } from '../../embedding/served-model.ts';
import type { ServedModels } from '../../embedding/served-models.ts';
import { PanelvecError } from '../../errors.ts';
import type { TextReading } from '../../preprocess/text-tokenizer.ts';
import type { Collection } from '../collection.ts';
import type { SearchQuery } from './search-query.ts';

const EMBEDDED_PARTS = ['text', 'image', 'composition'] as const;
export type EmbeddedPart = (typeof EMBEDDED_PARTS)[number];

export interface EmbeddedQuery {
  /** Of unit length, by the parts that the query has */
  readonly vectors: ReadonlyMap<EmbeddedPart, Float32Array>;
  /** How much of its text was read; null where it has none */
  readonly reading: TextReading | null;
}

/**
 * Embeds the text, the image and the composition of a query, each alone.
 * @throws PanelvecError space_mismatch where no served model has the space of the collection, or naming the part that cannot be used
 */
export async function embedQuery(
  embedder: Embedder,
  models: ServedModels,
  collection: Pick<Collection, 'name' | 'model' | 'space'>,
  query: SearchQuery,
  caller: WorkOptions & Pick<EmbedOptions, 'quota'>,
): Promise<EmbeddedQuery> {
  const parts = EMBEDDED_PARTS.filter((part) => query[part] !== undefined);
  // Stored vectors alone need no model.
  if (parts.length === 0 && query.model === undefined) return { vectors: new Map(), reading: null };
  const served = findModelOfSpace(models, collection, query.model);
  if (parts.length === 0) return { vectors: new Map(), reading: null };
  const panels = await embedder.embedPanels(
    served,
    parts.map((part) => toPanelInput(part, query)),
    { outputs: ['fused'], dimensions: served.model.spec.dimensions, normalize: true, ...caller },
  );
  const vectors = new Map<EmbeddedPart, Float32Array>();
  for (const [i, part] of parts.entries()) {
    const vector = panels[i]?.vectors.fused;
    if (vector) vectors.set(part, vector);
  }
  return { vectors, reading: panels.find(({ reading }) => reading !== null)?.reading ?? null };
}

function toPanelInput(part: EmbeddedPart, { text, image, composition }: SearchQuery): PanelInput {
  switch (part) {
    case 'text':
      return { param: part, text: text === undefined ? undefined : { value: text, field: part } };
    case 'image':
      return { param: part, image };
    case 'composition':
      return { param: part, composition: composition && Float32Array.from(composition) };
  }
}

/** The model that embeds queries over a collection. @throws PanelvecError model_not_found, space_mismatch */
function findModelOfSpace(
  models: ServedModels,
  { name, model, space }: Pick<Collection, 'name' | 'model' | 'space'>,
  requested: string | undefined,
): ServedModel {
  if (requested !== undefined) {
    const served = models.find(requested);
    if (served.model.space === space) return served;
    const message = `${served.model.id} embeds into the space ${served.model.space}, but "${name}" has vectors of ${model} in ${space}`;
    throw new PanelvecError('space_mismatch', message, { param: 'model' });
  }
  const match = models.all.find((candidate) => candidate.space === space);
  if (match !== undefined) return models.find(match.id);
  const message = `"${name}" has vectors of ${model} in the space ${space}, which no model of this service has: serve that model, or index again`;
  throw new PanelvecError('space_mismatch', message, { param: 'collection' });
}
