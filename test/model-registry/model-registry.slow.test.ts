import assert from 'node:assert/strict';
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { ServiceDatabase } from '../../src/database/service-database.ts';
import type { EvaluationMeasures } from '../../src/model-registry/model-measures.ts';
import { ModelRegistry } from '../../src/model-registry/model-registry.ts';
import { modelState, type RegisteredModel } from '../../src/model-registry/registered-model.ts';
import { SERVICE_MIGRATIONS } from '../../src/services.ts';
import { DATABASES, type TestDatabase } from '../support/databases.ts';
import { createTestConfig, silentLogger } from '../support/in-process-service.ts';
import { makeTinyModel } from '../support/tiny-model.ts';

for (const { name: databaseName, start } of DATABASES) {
  describe(`the model registry on ${databaseName}`, () => {
    let server: TestDatabase;
    let database: ServiceDatabase;
    let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
    let registry: ModelRegistry;
    let evaluations: EvaluationMeasures[];

    before(async () => {
      server = await start();
      const { url, home } = server;
      const config = createTestConfig({
        PANELVEC_HOME: home,
        ...(url === undefined ? { PANELVEC_JOBS: 'on' } : { DATABASE_URL: url }),
      });
      database = new ServiceDatabase(config, SERVICE_MIGRATIONS, silentLogger);
      for (const migrations of SERVICE_MIGRATIONS) await database.database.migrate(20_000, migrations);
    });
    after(async () => {
      await database.stop();
      await server.stop();
    });
    beforeEach(async () => {
      await database.use((queries) => queries.query('TRUNCATE panelvec.models, panelvec.measured_evaluations CASCADE'));
      tiny = await makeTinyModel();
      evaluations = [];
      registry = openRegistry();
    });
    afterEach(() => tiny.remove());

    function openRegistry(models: readonly string[] = ['tiny']): ModelRegistry {
      const list = async (known: ReadonlySet<string>) => evaluations.filter(({ evaluation }) => !known.has(evaluation));
      const settings = { home: tiny.home, models: [...models], database, evaluations: { list } };
      return new ModelRegistry(settings, silentLogger);
    }

    async function copyModel(name: string, changes: object = {}): Promise<string> {
      const folder = path.join(tiny.home, 'models', name);
      await cp(tiny.folder, folder, { recursive: true });
      await changeSpec(folder, changes);
      return folder;
    }

    async function find(id: string): Promise<RegisteredModel> {
      await registry.synchronize();
      return registry.get(id);
    }

    it('enters the folders that it finds, those of other folders than the home too', async () => {
      const elsewhere = path.join(tiny.home, 'elsewhere');
      await mkdir(elsewhere);
      await rename(await copyModel('other', { name: 'other' }), path.join(elsewhere, 'other'));
      registry = openRegistry(['tiny', path.join(elsewhere, 'other')]);
      const found = await find('tiny@1');
      assert.deepEqual([found.model?.folder, found.folder, found.problem], [tiny.folder, 'tiny', null]);
      assert.match(found.weightsSha256, /^[0-9a-f]{64}$/);
      assert.equal(modelState(found, false), 'available');
      assert.equal(modelState(found, true), 'active');
      assert.equal(registry.get('other@1').model?.folder, path.join(elsewhere, 'other'));
      assert.ok(
        registry.list().some(({ spec }) => spec.name === 'compact'),
        'the bundled ones too',
      );
      assert.equal(registry.find('tiny')?.id, 'tiny@1');
    });

    it('says which folders hold no model, and which have the id of another', async () => {
      await copyModel('tiny-copy');
      const folder = await copyModel('bad');
      await writeFile(path.join(folder, 'model.json'), '{');
      await registry.synchronize();
      const problems = registry.unreadable.map(({ folder, problem }) => `${folder}: ${problem}`);
      assert.equal(problems.length, 2);
      assert.match(problems[0] ?? '', /^bad: cannot read .*model\.json/);
      assert.match(problems[1] ?? '', /^tiny-copy: its id is tiny@1, as that of the model in .*tiny$/);
      assert.equal(registry.get('tiny@1').problem, null);
    });

    it('says what vanished, and finds it again', async () => {
      await registry.synchronize();
      const hidden = path.join(tiny.home, 'hidden');
      await rename(tiny.folder, hidden);
      const gone = await find('tiny@1');
      assert.match(gone.problem ?? '', /its folder, tiny, has vanished/);
      assert.equal(modelState(gone, false), 'broken');
      await assert.rejects(registry.readModel('tiny@1'), { code: 'model_invalid', message: /has vanished/ });
      await rename(hidden, tiny.folder);
      assert.equal((await find('tiny@1')).problem, null);
    });

    it('calls a model broken whose files are not those that were entered', async () => {
      await registry.synchronize();
      const specFile = path.join(tiny.folder, 'model.json');
      const original = await readFile(specFile);
      await changeSpec(tiny.folder, { description: 'another' });
      assert.match((await find('tiny@1')).problem ?? '', /its files changed: model\.json in tiny is not the one/);
      await writeFile(specFile, original);
      assert.equal((await find('tiny@1')).problem, null);
      await writeFile(path.join(tiny.folder, 'tokenizer.json'), '{}');
      assert.match((await find('tiny@1')).problem ?? '', /its files changed: tokenizer\.json has 2 bytes/);
      await rm(path.join(tiny.folder, 'head.safetensors'));
      assert.match((await find('tiny@1')).problem ?? '', /its files changed: .* is missing|tokenizer/);
      await assert.rejects(registry.readModel('tiny@1'), { code: 'model_invalid' });
    });

    it('keeps what a comparison of hashes has found until a file is replaced, also for the next service', async () => {
      await registry.synchronize();
      await registry.setProblem('tiny@1', 'head.safetensors has another hash');
      assert.equal(registry.get('tiny@1').problem, 'head.safetensors has another hash');
      registry = openRegistry();
      assert.equal((await find('tiny@1')).problem, 'head.safetensors has another hash');
      const weights = path.join(tiny.folder, 'head.safetensors');
      await writeFile(weights, await readFile(weights));
      assert.equal((await find('tiny@1')).problem, null);
    });

    it('keeps the golden vectors that came first', async () => {
      await registry.synchronize();
      assert.equal(registry.get('tiny@1').golden, null);
      assert.deepEqual(await registry.setGolden('tiny@1', { vectors: ['a'] }), { vectors: ['a'] });
      assert.deepEqual(await registry.setGolden('tiny@1', { vectors: ['b'] }), { vectors: ['a'] });
      registry = openRegistry();
      assert.deepEqual((await find('tiny@1')).golden, { vectors: ['a'] });
    });

    it('reads what trained a model', async () => {
      const origin = {
        job_id: 'job',
        spec: { output: 'tiny' },
        parent: { id: 'base@1', space: 'abc' },
        data_fingerprint: 'def',
        summary: {},
      };
      const folder = await copyModel('trained', { name: 'trained' });
      await writeFile(path.join(folder, 'training.json'), JSON.stringify(origin));
      const { job_id: training_job, summary: _, ...rest } = origin;
      assert.deepEqual((await find('trained@1')).origin, { training_job, ...rest });
      assert.equal(registry.get('tiny@1').origin, null);
    });

    it('enters measures of models whose id and space are those of a registered model', async () => {
      await registry.synchronize();
      const { space } = registry.get('tiny@1');
      const measures = { 'retrieval.a.recall_at_1': { value: 0.5, low: 0.4, high: 0.6, better: 'higher' as const } };
      const evaluation = '6b1f9a5e-5d0a-4f3e-9a58-000000000001';
      evaluations = [
        { evaluation, fingerprint: 'data', models: [{ id: 'tiny@1', space, measures }] },
        {
          evaluation: '6b1f9a5e-5d0a-4f3e-9a58-000000000002',
          fingerprint: 'data',
          models: [{ id: 'tiny@1', space: 'another', measures }],
        },
      ];
      await registry.synchronize();
      await registry.synchronize();
      assert.deepEqual(registry.findMeasures('tiny@1'), [{ evaluation, fingerprint: 'data', measures }]);
    });

    it('is as new as the call that asks', async () => {
      const first = registry.synchronize();
      await copyModel('late', { name: 'late' });
      await Promise.all([first, registry.synchronize(), registry.synchronize()]);
      assert.equal(registry.get('late@1').problem, null);
      assert.throws(() => registry.get('none@1'), { code: 'model_not_found' });
    });
  });
}

async function changeSpec(folder: string, changes: object): Promise<void> {
  const file = path.join(folder, 'model.json');
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ...changes }));
}
