import { type Client } from 'openapi-fetch';
import { type FollowOptions } from './follow-job.js';
import { type Fetch } from './retrying-fetch.js';
import type { paths } from './schema.js';
import type {
  CallOptions,
  Embeddings,
  EmbedOptions,
  ImageInput,
  Job,
  JobSpec,
  PageEmbeddings,
  PageOptions,
  PanelsInput,
  SearchQuery,
  SearchResults,
} from './types.js';
export interface PanelvecOptions {
  /** Where the service is, such as http://127.0.0.1:8080 */
  readonly url: string;
  readonly apiKey?: string;
  /** For a call with all of its tries; two minutes by default */
  readonly timeoutMs?: number;
  readonly fetch?: Fetch;
}
/** A panelvec service. Calls wait for a busy one as it says, and reject with an ApiError where it refuses them. */
export declare class Panelvec {
  #private;
  /** Every call of the API, with its types, and the same retries. It resolves with `data` or `error`. */
  readonly api: Client<paths>;
  constructor({ url, apiKey, timeoutMs, fetch }: PanelvecOptions);
  /** Embeds pictures, each as a panel without text and place. */
  images(images: readonly ImageInput[], options?: EmbedOptions & CallOptions): Promise<Embeddings>;
  texts(texts: readonly string[], options?: EmbedOptions & CallOptions): Promise<Embeddings>;
  /** Embeds all panels of a page. */
  page(image: ImageInput, panels: PanelsInput, options?: PageOptions & CallOptions): Promise<PageEmbeddings>;
  /** Finds the panels or pages of a collection that are nearest to a query. */
  search(collection: string, query: SearchQuery & CallOptions): Promise<SearchResults>;
  /** Submits a job. The same key with the same spec gives the same job; without one, other tries of this call do. */
  submitJob(
    spec: JobSpec,
    options?: CallOptions & {
      readonly idempotencyKey?: string;
    },
  ): Promise<Job>;
  /** The job at each change until it has ended. Lost connections are made again. */
  followJob(id: string, options?: FollowOptions): AsyncGenerator<Job, void, undefined>;
  /** Waits until a job has ended. @throws JobError unless it has succeeded */
  waitForJob(id: string, options?: FollowOptions): Promise<Job>;
}
