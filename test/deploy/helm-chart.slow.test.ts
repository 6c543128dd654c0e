import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { SETTINGS } from '../../src/config.ts';
import { DEPLOY_TOOLS_MISSING, runDeployTool } from '../support/deploy-tools.ts';

const CHART = path.join(import.meta.dirname, '../../deploy/helm/panelvec');
/** The oldest and the newest version of Kubernetes that the chart is checked with */
const KUBERNETES_VERSIONS = ['1.27', '1.37'];
const EVERYTHING = [
  ...['-f', path.join(CHART, 'values-gpu.yaml')],
  ...['--set', 'api.autoscaling.enabled=true,api.autoscaling.targetCPUPercent=80,worker.keda.enabled=true'],
  ...['--set', 'serviceMonitor.enabled=true,ingress.enabled=true,comics.existingClaim=comics,home.existingClaim=home'],
];
/** Settings that the chart sets itself, or whose values are secrets */
const SETTINGS_OF_CHART = [
  ...['HOST', 'PORT', 'PANELVEC_HOME', 'PANELVEC_HEALTH_PORT', 'PANELVEC_WORKERS', 'PANELVEC_WORKER_ENGINES'],
  ...['DATABASE_URL', 'PANELVEC_LOCAL_SOCKETS', 'PANELVEC_JOBS'],
  ...['PANELVEC_API_KEY', 'HF_TOKEN', 'MLFLOW_TRACKING_TOKEN', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
];

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  // biome-ignore lint/suspicious/noExplicitAny: the schemas of Kubernetes have checked it
  readonly spec: any;
}

describe('the Helm chart', { skip: DEPLOY_TOOLS_MISSING }, () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'panelvec-chart-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function render(...args: string[]): Promise<Manifest[]> {
    const { isOk, output } = await runDeployTool('helm', ['template', 'comics', CHART, ...args]);
    assert.ok(isOk, output);
    return parseAllDocuments(output).flatMap((document) => (document.contents === null ? [] : [document.toJS()]));
  }

  it('passes the lint of Helm', async () => {
    for (const args of [[], EVERYTHING]) {
      const { isOk, output } = await runDeployTool('helm', ['lint', '--strict', CHART, ...args]);
      assert.ok(isOk, output);
    }
  });

  for (const [title, args] of [
    ['its defaults', []],
    ['everything', EVERYTHING],
  ] as const) {
    it(`with ${title} gives manifests that Kubernetes knows`, async () => {
      const file = path.join(folder, 'manifests.yaml');
      const { output: manifests } = await runDeployTool('helm', ['template', 'comics', CHART, ...args]);
      await writeFile(file, manifests);
      for (const version of KUBERNETES_VERSIONS) {
        const { isOk, output } = await runDeployTool('kubernetes-validate', ['--strict', '-k', version, file]);
        assert.ok(isOk, output);
        // Kinds of operators have no schema there.
        const unknown = [...output.matchAll(/find schema for kind (\w+)/g)].map((match) => match[1]);
        assert.deepEqual(unknown, args.length === 0 ? [] : ['ScaledObject', 'ServiceMonitor'], output);
      }
    });
  }

  it('runs everything without root, on a root file system that nobody writes to', async () => {
    const pods = (await render(...EVERYTHING)).flatMap(({ spec }) => (spec?.template ? [spec.template.spec] : []));
    assert.equal(pods.length, 3);
    for (const pod of pods) {
      assert.equal(pod.securityContext.runAsNonRoot, true);
      assert.equal(pod.automountServiceAccountToken, false);
      for (const container of pod.containers) {
        assert.equal(container.securityContext.readOnlyRootFilesystem, true);
        assert.deepEqual(container.securityContext.capabilities.drop, ['ALL']);
        assert.ok(container.volumeMounts.some(({ mountPath }: { mountPath: string }) => mountPath === '/tmp'));
      }
    }
  });

  it('gives an api more time to end than it takes to drain', async () => {
    const [api] = (await render()).filter(({ kind, metadata }) => kind === 'Deployment' && /-api$/.test(metadata.name));
    const { terminationGracePeriodSeconds, containers } = api?.spec.template.spec ?? {};
    const [, pause] = containers[0].lifecycle.preStop.exec.command;
    assert.ok(terminationGracePeriodSeconds > Number(pause) + Number(SETTINGS.drainTimeoutSeconds.defaultValue));
  });

  it('leaves the number of pods to what scales them', async () => {
    const scaled = await render(...EVERYTHING);
    for (const { spec } of scaled.filter(({ kind }) => kind === 'Deployment')) assert.equal(spec.replicas, undefined);
    const targets = scaled.flatMap(({ spec }) => (spec?.scaleTargetRef ? [spec.scaleTargetRef.name] : []));
    assert.deepEqual(targets.toSorted(), ['comics-panelvec-api', 'comics-panelvec-worker']);
  });

  it('has api and workers send traces to a collector, and lets them reach it', async () => {
    const findTracing = (manifests: readonly Manifest[]) =>
      manifests.flatMap(({ kind, metadata, spec }) => {
        const env = spec?.template?.spec.containers[0].env ?? [];
        const variables = env.filter(({ name }: { name: string }) => name.startsWith('OTEL_'));
        return variables.length > 0 ? [{ kind, name: metadata.name, variables }] : [];
      });
    assert.deepEqual(findTracing(await render()), []);

    const endpoint = 'http://jaeger-collector.observability:4318';
    const manifests = await render('--set', `tracing.endpoint=${endpoint},tracing.sampleRatio=0.1`);
    const variables = [
      { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: endpoint },
      { name: 'OTEL_TRACES_SAMPLER', value: 'parentbased_traceidratio' },
      { name: 'OTEL_TRACES_SAMPLER_ARG', value: '0.1' },
    ];
    assert.deepEqual(findTracing(manifests), [
      { kind: 'Deployment', name: 'comics-panelvec-api', variables },
      { kind: 'Deployment', name: 'comics-panelvec-worker', variables },
    ]);
    const mayReach = manifests.flatMap(({ kind, metadata, spec }) => {
      const ports = kind === 'NetworkPolicy' ? spec.egress.flatMap((rule: { ports: object[] }) => rule.ports) : [];
      return ports.some(({ port }: { port: number }) => port === 4318) ? [metadata.name] : [];
    });
    assert.deepEqual(mayReach, ['comics-panelvec-api', 'comics-panelvec-worker']);
  });

  it('takes the settings of the service, and refuses names that are none', async () => {
    const schema = JSON.parse(await readFile(path.join(CHART, 'values.schema.json'), 'utf8'));
    const names = Object.values(SETTINGS).map(({ env }) => env);
    const expected = names.filter((name) => !SETTINGS_OF_CHART.includes(name));
    assert.deepEqual(schema.properties.settings.propertyNames.enum.toSorted(), expected.toSorted());

    for (const bad of ['settings.PANELVEC_MAX_BATC=4', 'api.replica=3', 'settings.PANELVEC_API_KEY=secret']) {
      const { isOk, output } = await runDeployTool('helm', ['template', 'comics', CHART, '--set', bad]);
      assert.ok(!isOk && /settings|replica/.test(output), output);
    }
  });
});
