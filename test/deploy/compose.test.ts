import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { DEPLOY_TOOLS_MISSING, runDeployTool } from '../support/deploy-tools.ts';
import { DEPLOY_FOLDER } from './watched-queries.ts';

const ROOT = path.join(DEPLOY_FOLDER, '..');

/** The fields of a service that are looked at here */
interface ComposeService {
  readonly image: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly user?: string;
  readonly read_only?: boolean;
  readonly tmpfs?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly deploy?: { readonly resources: { readonly limits: { readonly memory: string } } };
  readonly environment?: Readonly<Record<string, string>>;
}

async function readServices(): Promise<readonly (readonly [string, ComposeService])[]> {
  const text = await readFile(path.join(ROOT, 'docker-compose.yml'), 'utf8');
  return Object.entries(parse(text, { merge: true }).services);
}

async function readYaml(file: string) {
  return parse(await readFile(path.join(ROOT, file), 'utf8'), { merge: true });
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
    for (const [, { ports = [] }] of await readServices()) {
      for (const port of ports) assert.match(port, /^127\.0\.0\.1:/);
    }
  });

  it('is one that Docker Compose accepts, with all profiles', { skip: DEPLOY_TOOLS_MISSING }, async () => {
    const file = path.join(ROOT, 'docker-compose.yml');
    const { isOk, output } = await runDeployTool('docker-compose', ['-f', file, '--profile', '*', 'config', '--quiet']);
    assert.ok(isOk, output);
    // What Compose only warns of, such as a variable that is not set, is a fault here.
    assert.equal(output, '');
  });

  it('mounts only files that are there', async () => {
    for (const [name, { volumes = [] }] of await readServices()) {
      for (const volume of volumes) {
        const source = volume.replace(/\$\{\w+:-([^}]*)\}/, '$1').split(':')[0]!;
        if (source.startsWith('.')) assert.ok(existsSync(path.join(ROOT, source)), `${name}: ${source}`);
      }
    }
  });

  it('waits for services that have a health check', async () => {
    const services = new Map(await readServices());
    for (const [name, { depends_on: dependencies = {} }] of services) {
      for (const [dependency, { condition }] of Object.entries(dependencies)) {
        assert.equal(condition, 'service_healthy', `${name} waits for ${dependency}`);
        const { build, healthcheck } = services.get(dependency)!;
        // The Dockerfile has the health check of the image that is built here.
        assert.ok(build === '.' ? healthcheck === undefined : healthcheck?.test, dependency);
      }
    }
  });

  it('pins the version of every image, and limits the memory of every service', async () => {
    for (const [name, { image, build, deploy, security_opt: options }] of await readServices()) {
      if (build === undefined) assert.match(image, /:v?\d+\.\d+/, name);
      assert.match(deploy?.resources.limits.memory ?? '', /^(\$\{\w+:-)?\d+g\}?$/, name);
      assert.deepEqual(options, ['no-new-privileges:true'], name);
    }
  });

  it('runs the service and its workers without rights, on a root file system that is only read', async () => {
    const own = (await readServices()).filter(([, { build }]) => build !== undefined);
    assert.deepEqual(
      own.map(([name]) => name),
      ['panelvec', 'worker'],
    );
    for (const [, { user, read_only: isReadOnly, tmpfs, cap_drop: dropped, depends_on: dependencies }] of own) {
      assert.deepEqual([user, isReadOnly, tmpfs, dropped], ['1000:1000', true, ['/tmp'], ['ALL']]);
      assert.ok(dependencies?.['postgres']);
    }
  });

  it('gives the service and its workers the same database and home', async () => {
    const services = new Map(await readServices());
    const [service, worker] = [services.get('panelvec')!, services.get('worker')!];
    assert.equal(worker.environment?.['DATABASE_URL'], service.environment?.['DATABASE_URL']);
    assert.deepEqual(worker.volumes, service.volumes);
    assert.deepEqual(worker.command, ['node', 'src/main.ts', 'worker']);
  });

  it('sends traces to the Jaeger of the profile tracing where it is told to, and nowhere else', async () => {
    const services = new Map(await readServices());
    for (const name of ['panelvec', 'worker']) {
      const endpoint = services.get(name)?.environment?.['OTEL_EXPORTER_OTLP_ENDPOINT'];
      assert.equal(endpoint, '$' + '{OTEL_EXPORTER_OTLP_ENDPOINT:-}');
    }
    const withProfile = [...services].filter(([, service]) => 'profiles' in service).map(([name]) => name);
    assert.deepEqual(withProfile, ['jaeger']);
  });
});
