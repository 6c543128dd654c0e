import type { Database } from '../../database/database.ts';
import type { WorkOptions } from '../../embedding/admitted-work.ts';
import type { Embedder } from '../../embedding/embedder.ts';
import { assertNotCancelled } from '../../embedding/input-preparer.ts';
import type { PanelQuota } from '../../embedding/panel-quota.ts';
import type { ServedModels } from '../../embedding/served-models.ts';
import { PanelvecError } from '../../errors.ts';
import type { TextReading } from '../../preprocess/text-tokenizer.ts';
import { withSpan } from '../../tracing/tracing.ts';
import type { Collection } from '../collection.ts';
import type { CollectionDatabase } from '../collection-database.ts';
import { type EmbeddedPart, embedQuery } from './embed-query.ts';
import { type FoundResults, findResults } from './find-results.ts';
import { combineVectors, meanDirection, type WeightedVector } from './query-vector.ts';
import { formatCursor, readOffset } from './search-cursor.ts';
import type { SearchObserver } from './search-observer.ts';
import {
  DEFAULT_WEIGHTS,
  givenParts,
  type QueryOutline,
  type QueryWeights,
  type SearchQuery,
  WEIGHT_NAMES,
} from './search-query.ts';
import { type PanelReference, readStoredVectors } from './stored-vectors.ts';

export interface SearchResult extends FoundResults {
  readonly collection: Collection;
  /** The weights of the parts that the query has */
  readonly weights: Partial<QueryWeights>;
  /** How much of the query's text was read; null where it has none */
  readonly reading: TextReading | null;
  readonly nextCursor: string | null;
}

/** Who searches: the signal ends the search when they have left. */
export interface SearchCaller extends Omit<WorkOptions, 'signal'> {
  readonly signal: AbortSignal;
  readonly quota?: PanelQuota | undefined;
}

export interface SearchServices {
  readonly collections: CollectionDatabase;
  readonly models: ServedModels;
  readonly embedder: Embedder;
}

/** Searches collections by text, pictures, compositions and stored panels. */
export class PanelSearch {
  readonly #services: SearchServices;
  readonly #observer: SearchObserver;

  constructor(services: SearchServices, observer: SearchObserver) {
    this.#services = services;
    this.#observer = observer;
  }

  /** @throws PanelvecError naming the field of the query that cannot be used */
  async search(query: SearchQuery, caller: SearchCaller): Promise<SearchResult> {
    const weights = resolveWeights(query);
    return this.#services.collections.useCollection(query.collection, (database, collection) =>
      this.#searchCollection(database, collection, query, weights, caller),
    );
  }

  async #searchCollection(
    database: Database,
    collection: Collection,
    query: SearchQuery,
    weights: Partial<QueryWeights>,
    caller: SearchCaller,
  ): Promise<SearchResult> {
    const { embedder, models } = this.#services;
    const timePhase: SearchObserver['timePhase'] = (phase, run) =>
      withSpan(`search ${phase}`, {}, () => this.#observer.timePhase(phase, run));
    const offset = readOffset(query, collection);
    const references = toReferences(query);
    const stored = await timePhase('database', () => readStoredVectors(database, collection, references));
    const embedded = await timePhase('embed', () => embedQuery(embedder, models, collection, query, caller));
    assertNotCancelled(caller.signal);
    const vector = combineVectors(weighVectors(query, weights, embedded.vectors, stored));
    const excludedIds = references.map(({ id }) => id);
    const found = await timePhase('database', () =>
      findResults(database, collection, { ...query, vector, excludedIds, offset }),
    );
    const nextCursor = found.hasMore ? formatCursor(query, collection, offset + query.topK) : null;
    return { ...found, collection, weights, reading: embedded.reading, nextCursor };
  }
}

/** The weights of what a query has. @throws PanelvecError invalid_request where nothing is sought, or a weight is for what the query lacks */
export function resolveWeights(query: QueryOutline): Partial<QueryWeights> {
  const parts = givenParts(query);
  if (parts.length === 0) {
    const message = 'there is nothing to search by: give text, image, panel, composition or positive';
    throw new PanelvecError('invalid_request', message, { param: 'text' });
  }
  const names = [...parts, ...(query.negative.length > 0 ? (['negative'] as const) : [])];
  const unused = WEIGHT_NAMES.find((name) => query.weights[name] !== undefined && !names.some((part) => part === name));
  if (unused !== undefined) {
    const message = `the query has no ${unused}: leave its weight out`;
    throw new PanelvecError('invalid_request', message, { param: `weights.${unused}` });
  }
  return Object.fromEntries(names.map((name) => [name, query.weights[name] ?? DEFAULT_WEIGHTS[name]]));
}

/** The stored panels that a query names. They are not among its results. */
function toReferences({ panel, positive, negative }: SearchQuery): PanelReference[] {
  return [
    ...(panel === undefined ? [] : [{ id: panel, field: 'panel' }]),
    ...positive.map((id, i) => ({ id, field: `positive[${i}]` })),
    ...negative.map((id, i) => ({ id, field: `negative[${i}]` })),
  ];
}

function weighVectors(
  { panel, positive, negative }: SearchQuery,
  weights: Partial<QueryWeights>,
  embedded: ReadonlyMap<EmbeddedPart, Float32Array>,
  stored: ReadonlyMap<string, Float32Array>,
): WeightedVector[] {
  const vectors: WeightedVector[] = [...embedded].map(([part, vector]) => ({ vector, weight: weights[part] ?? 0 }));
  const addStored = (ids: readonly string[], weight = 0) => {
    const known = ids.flatMap((id) => stored.get(id) ?? []);
    if (known.length > 0) vectors.push({ vector: meanDirection(known), weight });
  };
  if (panel !== undefined) addStored([panel], weights.panel);
  addStored(positive, weights.positive);
  addStored(negative, -(weights.negative ?? 0));
  return vectors;
}
