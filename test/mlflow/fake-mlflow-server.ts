import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

interface Entry {
  readonly key: string;
  readonly value: string;
}

export interface Metric {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
}

export interface StoredRun {
  readonly experiment: string;
  readonly name: string;
  status: string;
  endTime: number | undefined;
  readonly tags: Map<string, string>;
  readonly params: Map<string, string>;
  readonly metrics: Metric[];
  readonly artifacts: Map<string, string>;
}

interface RequestBody {
  name?: string;
  experiment_id?: string;
  experiment_ids?: string[];
  run_name?: string;
  run_id?: string;
  status?: string;
  end_time?: number;
  filter?: string;
  tags?: Entry[];
  params?: Entry[];
  metrics?: Metric[];
}

class RequestError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** What answers instead of MLflow: an ill server, one that never answers, one that does the work and never says so. */
export type FailureMode = 'well' | 'ill' | 'hangs' | 'mute' | 'proxy' | 'redirects';

/** Plays the endpoints of MLflow's REST API 2.0 that a run needs, with its limits, and keeps what it got. */
export class FakeMlflowServer {
  readonly #server: Server;
  readonly experiments = new Map<string, string>();
  readonly runs = new Map<string, StoredRun>();
  /** Endpoint by endpoint, as they came. */
  readonly calls: string[] = [];
  readonly authorizations = new Set<string | undefined>();
  failureMode: FailureMode = 'well';
  /** Endpoints of which alone the illness is; all where there is none. */
  failingEndpoint: string | undefined;
  /** Where artefacts go; a server that is not its own proxy names a bucket or a folder */
  artifactRoot = 'mlflow-artifacts:';
  /** As if another made the experiment just after it was asked for. */
  experimentHiddenOnce: string | undefined;
  #port = 0;
  #activeRequests = 0;
  maxActiveRequests = 0;

  private constructor() {
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  static async start(): Promise<FakeMlflowServer> {
    const server = new FakeMlflowServer();
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    server.#port = (server.#server.address() as AddressInfo).port;
    return server;
  }

  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get uri(): string {
    return `http://${this.host}/tracking/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.maxActiveRequests = Math.max(this.maxActiveRequests, ++this.#activeRequests);
    response.on('close', () => this.#activeRequests--);
    const url = new URL(request.url!, this.uri);
    const endpoint = url.pathname.replace('/tracking/api/2.0/mlflow/', '');
    this.authorizations.add(request.headers.authorization);
    const requestText = await text(request);
    this.calls.push(endpoint);
    const failureMode =
      this.failingEndpoint === undefined || this.failingEndpoint === endpoint ? this.failureMode : 'well';
    if (endpoint === '/login') return sendJson(response, 200, {});
    if (failureMode === 'hangs') return;
    if (failureMode === 'ill')
      return sendJson(response, 500, { error_code: 'INTERNAL_ERROR', message: 'the disk is full' });
    if (failureMode === 'proxy') return void response.writeHead(404).end('<h1>nginx</h1>');
    if (failureMode === 'redirects') return void response.writeHead(302, { location: '/login' }).end();
    try {
      if (request.method === 'PUT') {
        this.#storeArtifact(url, requestText);
        return void response.writeHead(200).end();
      }
      const responseBody = this.#dispatch(endpoint, url, requestText === '' ? {} : JSON.parse(requestText));
      if (failureMode !== 'mute') sendJson(response, 200, responseBody);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      sendJson(response, error.status, { error_code: error.code, message: error.message });
    }
  }

  #dispatch(endpoint: string, url: URL, body: RequestBody): object {
    switch (endpoint) {
      case 'experiments/get-by-name': {
        const name = url.searchParams.get('experiment_name')!;
        const isHidden = name === this.experimentHiddenOnce;
        if (isHidden) this.experimentHiddenOnce = undefined;
        const id = this.experiments.get(name);
        if (id === undefined || isHidden) throw new RequestError('RESOURCE_DOES_NOT_EXIST', 'no such experiment', 404);
        return { experiment: { experiment_id: id } };
      }
      case 'experiments/create': {
        if (this.experiments.has(body.name!)) throw new RequestError('RESOURCE_ALREADY_EXISTS', 'exists');
        this.experiments.set(body.name!, `${this.experiments.size + 1}`);
        return { experiment_id: this.experiments.get(body.name!) };
      }
      case 'runs/create': {
        const id = `run-${this.runs.size + 1}`;
        const emptyRun = { status: 'RUNNING', endTime: undefined, tags: new Map(), params: new Map(), metrics: [] };
        this.runs.set(id, {
          experiment: body.experiment_id!,
          name: body.run_name!,
          artifacts: new Map(),
          ...emptyRun,
        });
        for (const { key, value } of body.tags ?? []) this.runs.get(id)!.tags.set(key, value);
        return { run: { info: { run_id: id } } };
      }
      case 'runs/search': {
        const [, key, value] = /^tags\.`(.+)` = '(.+)'$/.exec(body.filter!)!;
        const matchingRuns = Array.from(this.runs).filter(([, run]) => run.tags.get(key!) === value);
        return matchingRuns.length === 0 ? {} : { runs: matchingRuns.map(([id]) => ({ info: { run_id: id } })) };
      }
      case 'runs/update': {
        const run = this.#findRun(body);
        run.status = body.status!;
        run.endTime = body.end_time;
        return { run_info: { run_id: body.run_id, artifact_uri: `${this.artifactRoot}/1/${body.run_id}/artifacts` } };
      }
      case 'runs/log-batch': {
        this.#logBatch(this.#findRun(body), body);
        return {};
      }
    }
    throw new RequestError('ENDPOINT_NOT_FOUND', endpoint, 404);
  }

  #storeArtifact({ pathname }: URL, content: string): void {
    const pattern = /^\/tracking\/api\/2\.0\/mlflow-artifacts\/artifacts\/1\/(.+)\/artifacts\/(.+)$/;
    const [, run_id = '', name = ''] = pattern.exec(pathname) ?? [];
    this.#findRun({ run_id }).artifacts.set(name, content);
  }

  #findRun({ run_id }: RequestBody): StoredRun {
    const run = this.runs.get(run_id!);
    if (run === undefined) throw new RequestError('RESOURCE_DOES_NOT_EXIST', `Run '${run_id}' not found`, 404);
    return run;
  }

  #logBatch(run: StoredRun, { metrics = [], params = [], tags = [] }: RequestBody): void {
    if (metrics.length > 1000 || params.length > 100 || tags.length > 100) {
      throw new RequestError('INVALID_PARAMETER_VALUE', 'A batch logging request can contain at most ...');
    }
    for (const { key, value } of params) {
      if (value.length > 6000) throw new RequestError('INVALID_PARAMETER_VALUE', 'Param value exceeds length');
      if ((run.params.get(key) ?? value) !== value)
        throw new RequestError('INVALID_PARAMETER_VALUE', `Changing param ${key}`);
    }
    const names = [...metrics, ...params, ...tags].map(({ key }) => key);
    const invalidKey = names.find((key) => !/^[/\w.\- ]*$/.test(key) || key === 'refused_by_server');
    if (invalidKey !== undefined) throw new RequestError('INVALID_PARAMETER_VALUE', `Invalid name: '${invalidKey}'`);
    for (const { key, value } of params) run.params.set(key, value);
    for (const { key, value } of tags) run.tags.set(key, value);
    run.metrics.push(...metrics);
  }
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
