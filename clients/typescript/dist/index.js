export { ApiError, JobError, ResponseError } from './errors.js';
export { Panelvec } from './panelvec.js';
export { makeRetryingFetch } from './retrying-fetch.js';
