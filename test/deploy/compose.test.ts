import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { DEPLOY_FOLDER } from './watched-queries.ts';

const ROOT = path.join(DEPLOY_FOLDER, '..');

async function readYaml(file: string) {
  return parse(await readFile(path.join(ROOT, file), 'utf8'));
}

/** What a container sees of the repository: folders here by the paths there. */
async function readMounts(service: string): Promise<ReadonlyMap<string, string>> {
  const { services } = await readYaml('docker-compose.yml');
  const mounts = services[service].volumes.map((volume: string) => volume.split(':'));
  return new Map(mounts.map(([source, target]: [string, string]) => [target, source]));
}

describe('docker-compose.yml', () => {
  it('gives Prometheus its configuration, which scrapes the service by its name and port', async () => {
    const folder = (await readMounts('prometheus')).get('/etc/prometheus');
    const { scrape_configs, rule_files } = await readYaml(`${folder}/prometheus.yml`);
    for (const file of rule_files) assert.ok(existsSync(path.join(ROOT, `${folder}/${file}`)), file);
    const { services } = await readYaml('docker-compose.yml');
    const targets = scrape_configs.flatMap(
      ({ static_configs: [{ targets }] }: { static_configs: [{ targets: string[] }] }) => targets,
    );
    for (const target of targets) {
      const [name, port] = target.split(':');
      assert.ok(
        services[name!].ports.some((mapping: string) => mapping.endsWith(`:${port}`)),
        target,
      );
    }
  });

  it('gives Grafana its dashboards where the provider looks for them, and the address of Prometheus', async () => {
    const mounts = await readMounts('grafana');
    const provisioning = mounts.get('/etc/grafana/provisioning');
    const { providers } = await readYaml(`${provisioning}/dashboards/panelvec.yml`);
    for (const { options } of providers) assert.equal(mounts.get(options.path), './deploy/grafana/dashboards');
    const { datasources } = await readYaml(`${provisioning}/datasources/prometheus.yml`);
    assert.deepEqual(
      datasources.map(({ url }: { url: string }) => url),
      ['http://prometheus:9090'],
    );
  });

  it('publishes every port on 127.0.0.1 alone', async () => {
    const { services } = await readYaml('docker-compose.yml');
    for (const { ports = [] } of Object.values<{ ports?: string[] }>(services)) {
      for (const port of ports) assert.match(port, /^127\.0\.0\.1:/);
    }
  });
});
