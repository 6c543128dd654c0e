import createClient, { type Client } from 'openapi-fetch';
import { assertOk, JobError } from './errors.js';
import { type FollowOptions, followJob } from './follow-job.js';
import { type Fetch, makeRetryingFetch } from './retrying-fetch.js';
import type { components, paths } from './schema.js';
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
import { readEmbeddings, readPage } from './vectors.js';

type Schemas = components['schemas'];

export interface PanelvecOptions {
  /** Where the service is, such as http://127.0.0.1:8080 */
  readonly url: string;
  readonly apiKey?: string;
  /** For a call with all of its tries; two minutes by default */
  readonly timeoutMs?: number;
  readonly fetch?: Fetch;
}

/** The bits of float32, and no printed numbers */
const ENCODING = { encoding_format: 'base64' } as const;

/** A panelvec service. Calls wait for a busy one as it says, and reject with an ApiError where it refuses them. */
export class Panelvec {
  /** Every call of the API, with its types, and the same retries. It resolves with `data` or `error`. */
  readonly api: Client<paths>;
  readonly #url: string;
  readonly #headers: Headers;
  readonly #fetch: Fetch;
  readonly #retryingFetch: Fetch;

  constructor({ url, apiKey, timeoutMs = 120_000, fetch = (request) => globalThis.fetch(request) }: PanelvecOptions) {
    this.#url = url.replace(/\/+$/, '');
    this.#headers = new Headers(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` });
    this.#fetch = fetch;
    this.#retryingFetch = makeRetryingFetch(fetch, timeoutMs);
    this.api = createClient<paths>({ baseUrl: this.#url, fetch: this.#retryingFetch, headers: this.#headers });
  }

  /** Embeds pictures, each as a panel without text and place. */
  async images(images: readonly ImageInput[], options: EmbedOptions & CallOptions = {}): Promise<Embeddings> {
    const { call, fields } = splitOptions(options);
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...fields, ...ENCODING })) form.append(name, String(value));
    for (const image of images) form.append('image', toBlob(image), 'image');
    return readEmbeddings(await this.#post<Schemas['EmbeddingList']>('/v1/embeddings/image', form, call));
  }

  async texts(texts: readonly string[], options: EmbedOptions & CallOptions = {}): Promise<Embeddings> {
    const { call, fields } = splitOptions(options);
    const body = { ...fields, ...ENCODING, input: texts };
    return readEmbeddings(await this.#post<Schemas['EmbeddingList']>('/v1/embeddings/text', body, call));
  }

  /** Embeds all panels of a page. */
  async page(image: ImageInput, panels: PanelsInput, options: PageOptions & CallOptions = {}): Promise<PageEmbeddings> {
    const { call, fields } = splitOptions(options);
    const { canonical_id, ...pageOptions } = fields;
    const page: Record<string, unknown> = Array.isArray(panels) ? { panels } : { ...panels };
    // A saved file may name a picture of its own.
    delete page['image'];
    if (canonical_id !== undefined) page['canonical_id'] = canonical_id;
    // Apart from the fields of a saved file, which may have the same names
    const form = toForm({ ...page, options: { ...pageOptions, ...ENCODING } }, image);
    return readPage(await this.#post<Schemas['PageEmbeddingList']>('/v1/embeddings/page', form, call));
  }

  /** Finds the panels or pages of a collection that are nearest to a query. */
  async search(collection: string, query: SearchQuery & CallOptions): Promise<SearchResults> {
    const { call, fields } = splitOptions(query);
    const { image, ...rest } = fields;
    const body = { ...rest, collection };
    return this.#post('/v1/search', image === undefined ? body : toForm(body, image), call);
  }

  /** Submits a job. The same key with the same spec gives the same job; without one, other tries of this call do. */
  async submitJob(spec: JobSpec, options: CallOptions & { readonly idempotencyKey?: string } = {}): Promise<Job> {
    const key = options.idempotencyKey ?? crypto.randomUUID();
    return this.#post('/v1/jobs', spec, options, { 'idempotency-key': key });
  }

  /** The job at each change until it has ended. Lost connections are made again. */
  followJob(id: string, options: FollowOptions = {}): AsyncGenerator<Job, void, undefined> {
    const url = `${this.#url}/v1/jobs/${encodeURIComponent(id)}/events`;
    return followJob(this.#fetch, url, this.#headers, options);
  }

  /** Waits until a job has ended. @throws JobError unless it has succeeded */
  async waitForJob(id: string, options: FollowOptions = {}): Promise<Job> {
    let last: Job | undefined;
    for await (const job of this.followJob(id, options)) last = job;
    if (last === undefined) throw new Error(`job ${id} has no events`);
    if (last.state !== 'succeeded') throw new JobError(last);
    return last;
  }

  async #post<Result>(
    path: string,
    body: FormData | object,
    { signal, priority }: CallOptions,
    more: Record<string, string> = {},
  ): Promise<Result> {
    const headers = new Headers(this.#headers);
    for (const [name, value] of Object.entries(more)) headers.set(name, value);
    if (priority !== undefined) headers.set('x-priority', priority);
    const isForm = body instanceof FormData;
    if (!isForm) headers.set('content-type', 'application/json');
    const init = { method: 'POST', headers, body: isForm ? body : JSON.stringify(body), signal: signal ?? null };
    const response = await assertOk(await this.#retryingFetch(new Request(this.#url + path, init)));
    return (await response.json()) as Result;
  }
}

function splitOptions<Options extends CallOptions>(options: Options) {
  const { signal, priority, ...fields } = options;
  const call: CallOptions = { ...(signal && { signal }), ...(priority && { priority }) };
  return { call, fields };
}

function toForm(request: object, image: ImageInput): FormData {
  const form = new FormData();
  form.append('request', new Blob([JSON.stringify(request)], { type: 'application/json' }), 'request.json');
  form.append('image', toBlob(image), 'image');
  return form;
}

function toBlob(image: ImageInput): Blob {
  return image instanceof Blob ? image : new Blob([image]);
}
