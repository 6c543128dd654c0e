import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findFreePort } from '../support/databases.ts';
import { PROMETHEUS } from '../support/prometheus.ts';
import { waitFor } from '../support/wait-for.ts';
import { DEPLOY_FOLDER } from './watched-queries.ts';

/** A server with the configuration and the alerts of the repository, but for another target and shorter intervals. */
export interface PrometheusServer {
  /** The `data` of a response. @throws Error with the response, where it is an error */
  get<T>(call: string, parameters?: Record<string, string>): Promise<T>;
  stop(): Promise<void>;
}

export async function startPrometheus(target: string): Promise<PrometheusServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'panelvec-prometheus-'));
  const sources = path.join(DEPLOY_FOLDER, 'prometheus');
  const config = (await readFile(path.join(sources, 'prometheus.yml'), 'utf8'))
    .replace('panelvec:8080', target)
    .replaceAll(/_interval: 15s/g, '_interval: 1s');
  await writeFile(path.join(folder, 'prometheus.yml'), config);
  await cp(path.join(sources, 'alerts.yml'), path.join(folder, 'alerts.yml'));
  const address = `127.0.0.1:${await findFreePort()}`;
  const child = spawn(
    PROMETHEUS,
    [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=${address}`],
    { stdio: 'ignore' },
  );
  const exited = once(child, 'exit');
  await waitFor('Prometheus', () =>
    fetch(`http://${address}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return {
    async get<T>(call: string, parameters: Record<string, string> = {}): Promise<T> {
      const response = await fetch(`http://${address}/api/v1/${call}?${new URLSearchParams(parameters)}`);
      const body = (await response.json()) as { status: string; data: T };
      if (body.status !== 'success') throw new Error(JSON.stringify(body));
      return body.data;
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
