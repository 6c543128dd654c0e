export { ApiError, JobError, ResponseError } from './errors.js';
export type { FollowOptions } from './follow-job.js';
export { Panelvec, type PanelvecOptions } from './panelvec.js';
export { type Fetch, makeRetryingFetch } from './retrying-fetch.js';
export type { components, paths } from './schema.js';
export type {
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
