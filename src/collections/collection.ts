import { createHash } from 'node:crypto';
import type { PageImage } from '../datasets/page-list/page-list.ts';
import type { JsonObject } from '../util/json.ts';

export type CollectionState = 'indexing' | 'ready';

/** How many panels have a value of a field that searches filter by. */
export interface FacetValue {
  readonly value: string;
  readonly panels: number;
}

export interface CollectionFacets {
  /** The books with most panels */
  readonly books: readonly FacetValue[];
  /** How many books there are */
  readonly booksTotal: number;
  readonly pageTypes: readonly FacetValue[];
}

/** A set of panels that is searched: their vectors of one space, and what they show. */
export interface Collection {
  readonly id: number;
  readonly name: string;
  readonly jobId: string;
  /** The id of the model that embedded it */
  readonly model: string;
  readonly space: string;
  readonly dimensions: number;
  /** The resolved spec of the index job that made it, as JSON */
  readonly source: JsonObject;
  readonly state: CollectionState;
  readonly pages: number;
  readonly panels: number;
  readonly facets: CollectionFacets | null;
  readonly createdAt: Date;
  readonly readyAt: Date | null;
}

/** What decides a collection before its rows are there. */
export type NewCollection = Pick<Collection, 'name' | 'jobId' | 'model' | 'space' | 'dimensions' | 'source'>;

/** A page as a collection has it. */
export interface CollectionPage {
  /** Its place in the order of the dataset or store, from 0 */
  readonly page: number;
  readonly canonicalId: string;
  readonly book: string;
  readonly pageType: string;
  readonly summary: string;
  readonly image: PageImage | null;
  readonly panels: readonly CollectionPanel[];
}

/** A panel as it goes into a collection. */
export interface CollectionPanel {
  /** Its place among the vectors of its page, from 0 */
  readonly panel: number;
  /** Its index in the panel file, from 0 */
  readonly index: number;
  /** The number that the panel file gives it; null if it gives none */
  readonly number: number | null;
  /** x, y, width and height in pixels of the page */
  readonly box: readonly number[];
  readonly text: string | null;
  /** Shares of vision, text and composition; null where they are not known */
  readonly gate: readonly number[] | null;
  /** Of the collection's dimensions and unit length */
  readonly embedding: Float32Array;
}

const ID_DIGITS = 16;

/** The id of a panel. It depends on nothing but the panel, so that an address that names it works after another index job. */
export function panelId(canonicalId: string, index: number): string {
  return createHash('sha256').update(`${canonicalId}\0${index}`).digest('hex').slice(0, ID_DIGITS);
}
