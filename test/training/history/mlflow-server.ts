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

export interface KeptRun {
  readonly experiment: string;
  readonly name: string;
  status: string;
  endTime: number | undefined;
  readonly tags: Map<string, string>;
  readonly params: Map<string, string>;
  readonly metrics: Metric[];
}

interface Body {
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

class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** What answers instead of MLflow: an ill server, one that never answers, one that does the work and never says so. */
export type Illness = 'well' | 'ill' | 'hangs' | 'mute' | 'proxy' | 'redirects';

/** Plays the endpoints of MLflow's REST API 2.0 that a run needs, with its limits, and keeps what it got. */
export class MlflowServer {
  readonly #server: Server;
  readonly experiments = new Map<string, string>();
  readonly runs = new Map<string, KeptRun>();
  /** Endpoint by endpoint, as they came. */
  readonly calls: string[] = [];
  readonly authorizations = new Set<string | undefined>();
  illness: Illness = 'well';
  /** Endpoints of which alone the illness is; all where there is none. */
  illAt: string | undefined;
  /** As if another made the experiment just after it was asked for. */
  hiddenOnce: string | undefined;
  #port = 0;
  #underWay = 0;
  mostUnderWay = 0;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<MlflowServer> {
    const server = new MlflowServer();
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

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.#underWay);
    response.on('close', () => this.#underWay--);
    const url = new URL(request.url!, this.uri);
    const endpoint = url.pathname.replace('/tracking/api/2.0/mlflow/', '');
    this.authorizations.add(request.headers.authorization);
    const sent = await text(request);
    this.calls.push(endpoint);
    const illness = this.illAt === undefined || this.illAt === endpoint ? this.illness : 'well';
    if (endpoint === '/login') return reply(response, 200, {});
    if (illness === 'hangs') return;
    if (illness === 'ill') return reply(response, 500, { error_code: 'INTERNAL_ERROR', message: 'the disk is full' });
    if (illness === 'proxy') return void response.writeHead(404).end('<h1>nginx</h1>');
    if (illness === 'redirects') return void response.writeHead(302, { location: '/login' }).end();
    try {
      const answer = this.#serve(endpoint, url, sent === '' ? {} : JSON.parse(sent));
      if (illness !== 'mute') reply(response, 200, answer);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      reply(response, error.status, { error_code: error.code, message: error.message });
    }
  }

  #serve(endpoint: string, url: URL, body: Body): object {
    switch (endpoint) {
      case 'experiments/get-by-name': {
        const name = url.searchParams.get('experiment_name')!;
        const hidden = name === this.hiddenOnce;
        if (hidden) this.hiddenOnce = undefined;
        const id = this.experiments.get(name);
        if (id === undefined || hidden) throw new Refusal('RESOURCE_DOES_NOT_EXIST', 'no such experiment', 404);
        return { experiment: { experiment_id: id } };
      }
      case 'experiments/create': {
        if (this.experiments.has(body.name!)) throw new Refusal('RESOURCE_ALREADY_EXISTS', 'exists');
        this.experiments.set(body.name!, `${this.experiments.size + 1}`);
        return { experiment_id: this.experiments.get(body.name!) };
      }
      case 'runs/create': {
        const id = `run-${this.runs.size + 1}`;
        const kept = { status: 'RUNNING', endTime: undefined, tags: new Map(), params: new Map(), metrics: [] };
        this.runs.set(id, { experiment: body.experiment_id!, name: body.run_name!, ...kept });
        for (const { key, value } of body.tags ?? []) this.runs.get(id)!.tags.set(key, value);
        return { run: { info: { run_id: id } } };
      }
      case 'runs/search': {
        const [, key, value] = /^tags\.`(.+)` = '(.+)'$/.exec(body.filter!)!;
        const found = Array.from(this.runs).filter(([, run]) => run.tags.get(key!) === value);
        return found.length === 0 ? {} : { runs: found.map(([id]) => ({ info: { run_id: id } })) };
      }
      case 'runs/update': {
        const run = this.#run(body);
        run.status = body.status!;
        run.endTime = body.end_time;
        return { run_info: { run_id: body.run_id } };
      }
      case 'runs/log-batch': {
        this.#logBatch(this.#run(body), body);
        return {};
      }
    }
    throw new Refusal('ENDPOINT_NOT_FOUND', endpoint, 404);
  }

  #run({ run_id }: Body): KeptRun {
    const run = this.runs.get(run_id!);
    if (run === undefined) throw new Refusal('RESOURCE_DOES_NOT_EXIST', `Run '${run_id}' not found`, 404);
    return run;
  }

  #logBatch(run: KeptRun, { metrics = [], params = [], tags = [] }: Body): void {
    if (metrics.length > 1000 || params.length > 100 || tags.length > 100) {
      throw new Refusal('INVALID_PARAMETER_VALUE', 'A batch logging request can contain at most ...');
    }
    for (const { key, value } of params) {
      if (value.length > 6000) throw new Refusal('INVALID_PARAMETER_VALUE', 'Param value exceeds length');
      if ((run.params.get(key) ?? value) !== value)
        throw new Refusal('INVALID_PARAMETER_VALUE', `Changing param ${key}`);
    }
    const names = [...metrics, ...params, ...tags].map(({ key }) => key);
    const bad = names.find((key) => !/^[/\w.\- ]*$/.test(key) || key === 'refused_by_server');
    if (bad !== undefined) throw new Refusal('INVALID_PARAMETER_VALUE', `Invalid name: '${bad}'`);
    for (const { key, value } of params) run.params.set(key, value);
    for (const { key, value } of tags) run.tags.set(key, value);
    run.metrics.push(...metrics);
  }
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
