import { PanelvecError } from '../errors.ts';
import { fetchErrorReason } from '../util/fetch-error.ts';

/** A metric in a request to runs/log-batch. */
export interface MlflowMetric {
  readonly key: string;
  readonly value: number;
  /** Milliseconds since 1970 */
  readonly timestamp: number;
  readonly step: number;
}

/** A param or a tag in a request to runs/log-batch. */
export interface MlflowKeyValue {
  readonly key: string;
  readonly value: string;
}

export interface MlflowConnection {
  /** Address of the tracking server, such as https://user:password@host/path */
  readonly trackingUri: string;
  /** A bearer token; a user in the address takes precedence, as in MLflow's own client */
  readonly token?: string;
}

/** A request to MLflow that failed. */
export class MlflowError extends Error {
  /** Whether the server would refuse the same request again; otherwise it is unavailable, or has a fault */
  readonly isPermanent: boolean;
  /** MLflow's code, such as RESOURCE_DOES_NOT_EXIST; empty where the server is not MLflow */
  readonly errorCode: string;

  constructor(message: string, { isPermanent = false, errorCode = '', cause }: Partial<MlflowError> = {}) {
    super(message, { cause });
    this.name = 'MlflowError';
    this.isPermanent = isPermanent;
    this.errorCode = errorCode;
  }
}

/** Responses have some hundred bytes; the rest of a longer one is not read. */
const MAX_RESPONSE_BYTES = 1 << 20;
const MAX_MESSAGE_CHARACTERS = 300;
/** With the name of a host in it, artefacts go to another server than the runs. */
const PROXIED_ARTIFACTS = /^mlflow-artifacts:\/(?!\/)(?<folder>.+)$/;
/** Statuses after which the same request may succeed later: timeouts, too many requests, and logins that are then corrected. */
const RETRYABLE_STATUSES: ReadonlySet<number> = new Set([401, 403, 408, 429]);

/**
 * The endpoints of MLflow's REST API 2.0 that a run needs (https://mlflow.org/docs/latest/rest-api.html: "Get Experiment By
 * Name", "Create Experiment", "Search Runs", "Create Run", "Log Batch", "Update Run"), and the one that stores artefacts. Each
 * method throws an MlflowError, also after a timeout, or the reason of its signal.
 */
export class MlflowClient {
  readonly #base: string;
  readonly #requestTimeoutMs: number;
  readonly #headers: Readonly<Record<string, string>>;

  /** @throws PanelvecError config_invalid for an invalid address. The message does not quote it: it may hold a password */
  constructor({ trackingUri, token }: MlflowConnection, requestTimeoutMs: number) {
    this.#requestTimeoutMs = requestTimeoutMs;
    const url = URL.parse(trackingUri);
    if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
      throw new PanelvecError('config_invalid', "the address of MLflow's tracking server is not an http(s) URL");
    }
    this.#base = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
    const authorization = authorizationHeader(url, token);
    this.#headers = authorization === null ? {} : { authorization };
  }

  /** The address without user and password, for the log. */
  get address(): string {
    return this.#base;
  }

  /** Finds or creates the experiment of a name. @returns its id */
  async experimentId(name: string, signal: AbortSignal): Promise<string> {
    const known = await this.#findExperiment(name, signal);
    if (known !== null) return known;
    try {
      const created = await this.#request('experiments/create', { name }, signal);
      return requireString(created, 'experiment_id');
    } catch (error) {
      // Another training has created it in between.
      if (!(error instanceof MlflowError) || error.errorCode !== 'RESOURCE_ALREADY_EXISTS') throw error;
      const other = await this.#findExperiment(name, signal);
      if (other === null) throw error;
      return other;
    }
  }

  /** Creates a run with the status RUNNING. @returns its id */
  async createRun(
    run: { experimentId: string; name: string; startTime: number; tags: readonly MlflowKeyValue[] },
    signal: AbortSignal,
  ): Promise<string> {
    const body = { experiment_id: run.experimentId, run_name: run.name, start_time: run.startTime, tags: run.tags };
    const { run: created } = await this.#request('runs/create', body, signal);
    return requireString(asObject(asObject(created)['info']), 'run_id');
  }

  /** Finds a run that has the tag. @param tag of letters, digits, dots and dashes only @returns its id, or null */
  async findRun(experimentId: string, tag: MlflowKeyValue, signal: AbortSignal): Promise<string | null> {
    const filter = `tags.\`${tag.key}\` = '${tag.value}'`;
    const body = { experiment_ids: [experimentId], filter, max_results: 1 };
    const { runs } = await this.#request('runs/search', body, signal);
    const [run] = Array.isArray(runs) ? runs : [];
    return run === undefined ? null : requireString(asObject(asObject(run)['info']), 'run_id');
  }

  /** @returns where the artefacts of the run belong, such as mlflow-artifacts:/1/ID/artifacts */
  async updateRun(runId: string, status: string, endTime: number | undefined, signal: AbortSignal): Promise<string> {
    const body = { run_id: runId, status, end_time: endTime };
    const { run_info: info } = await this.#request('runs/update', body, signal);
    return String(asObject(info)['artifact_uri'] ?? '');
  }

  /**
   * Uploads an artefact to the server.
   * @returns false where the server stores none itself: clients then write to a bucket, a folder or another server
   */
  async uploadArtifact(
    artifactUri: string,
    name: string,
    content: Uint8Array<ArrayBuffer>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const folder = PROXIED_ARTIFACTS.exec(artifactUri)?.groups?.['folder'];
    if (folder === undefined) return false;
    await this.#request(`${folder}/${name}`, content, signal);
    return true;
  }

  /** Logs at most 1000 metrics, 100 params and 100 tags. */
  async logBatch(
    runId: string,
    batch: { metrics?: readonly MlflowMetric[]; params?: readonly MlflowKeyValue[]; tags?: readonly MlflowKeyValue[] },
    signal: AbortSignal,
  ): Promise<void> {
    await this.#request('runs/log-batch', { run_id: runId, ...batch }, signal);
  }

  async #findExperiment(name: string, signal: AbortSignal): Promise<string | null> {
    const query = new URLSearchParams({ experiment_name: name });
    try {
      const { experiment } = await this.#request(`experiments/get-by-name?${query}`, null, signal);
      return requireString(asObject(experiment), 'experiment_id');
    } catch (error) {
      if (error instanceof MlflowError && error.errorCode === 'RESOURCE_DOES_NOT_EXIST') return null;
      throw error;
    }
  }

  /** @param body JSON to post, or the bytes of a file to put */
  async #request(endpoint: string, body: object | null, signal: AbortSignal): Promise<Record<string, unknown>> {
    const response = await this.#send(endpoint, body, signal);
    const { status } = response;
    // The response to a file has no body.
    const json = body instanceof Uint8Array && response.text === '' ? {} : parseJson(response.text);
    const parsed = asObject(json);
    if (status === 200 && parsed === json) return parsed;
    if (status === 200) throw new MlflowError(`${this.#base} does not answer with JSON: is it MLflow?`);
    const errorCode = typeof parsed['error_code'] === 'string' ? parsed['error_code'] : '';
    const message = typeof parsed['message'] === 'string' ? parsed['message'].slice(0, MAX_MESSAGE_CHARACTERS) : '';
    const isPermanent = status >= 400 && status < 500 && !RETRYABLE_STATUSES.has(status) && errorCode !== '';
    const problem = [`HTTP ${status}`, errorCode, message].filter((part) => part !== '').join(', ');
    throw new MlflowError(`${endpoint.split('?')[0]}: ${problem}`, { isPermanent, errorCode });
  }

  async #send(endpoint: string, body: object | null, signal: AbortSignal): Promise<{ status: number; text: string }> {
    const isFile = body instanceof Uint8Array;
    const method = body === null ? 'GET' : isFile ? 'PUT' : 'POST';
    const api = isFile ? 'mlflow-artifacts/artifacts' : 'mlflow';
    const timeout = AbortSignal.timeout(this.#requestTimeoutMs);
    try {
      const response = await fetch(`${this.#base}/api/2.0/${api}/${endpoint}`, {
        method,
        headers: { ...this.#headers, 'content-type': isFile ? 'application/octet-stream' : 'application/json' },
        // A redirect would turn a POST into a GET.
        redirect: 'manual',
        signal: AbortSignal.any([signal, timeout]),
        ...(body !== null && { body: isFile ? body : JSON.stringify(body) }),
      });
      return { status: response.status, text: await readBoundedText(response) };
    } catch (error) {
      signal.throwIfAborted();
      if (timeout.aborted) throw new MlflowError(`no answer in ${this.#requestTimeoutMs / 1000} s`);
      throw new MlflowError(fetchErrorReason(error) || 'the connection failed', { cause: error });
    }
  }
}

function authorizationHeader({ username, password }: URL, token: string | undefined): string | null {
  if (username !== '' || password !== '') {
    return `Basic ${Buffer.from(`${decodeCredential(username)}:${decodeCredential(password)}`).toString('base64')}`;
  }
  return token === undefined || token === '' ? null : `Bearer ${token}`;
}

function decodeCredential(credential: string): string {
  try {
    return decodeURIComponent(credential);
  } catch {
    return credential;
  }
}

async function readBoundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_RESPONSE_BYTES) break;
  }
  return Buffer.concat(chunks).toString();
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function requireString(value: Record<string, unknown>, field: string): string {
  const text = value[field];
  if (typeof text !== 'string' || text === '') throw new MlflowError(`the response has no ${field}: is this MLflow?`);
  return text;
}
