import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { readModel } from '../../../src/model/model.ts';
import { seedEncoders } from '../../../src/model-tools/stage3-base/seeded-encoders.ts';
import { STAGE3_FILES, STAGE3_HUB_FILES } from '../../../src/model-tools/stage3-base/stage3-files.ts';
import { readSafetensors } from '../../../src/weights/safetensors-reader.ts';
import { writeSafetensors } from '../../../src/weights/safetensors-writer.ts';
import { type FakeHub, startFakeHub } from '../../support/fake-hub.ts';
import { runPanelvec } from '../../support/run-panelvec.ts';
import { SMALL_SIZES } from '../../support/small-stage3.ts';

/** Small encoders, in the files of the hub. */
let published: string;
before(async () => {
  published = await mkdtemp(path.join(tmpdir(), 'panelvec-published-'));
  await seedEncoders(published, SMALL_SIZES, 3);
});
after(() => rm(published, { recursive: true, force: true }));

let home: string;
let hub: FakeHub;
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'panelvec-home-'));
  const repositories: Record<string, Record<string, Buffer>> = {};
  for (const { repo, path: file, fileName } of STAGE3_HUB_FILES) {
    repositories[repo] = { ...repositories[repo], [file]: await readFile(path.join(published, fileName)) };
  }
  hub = await startFakeHub(repositories);
});
afterEach(async () => {
  await hub.close();
  await rm(home, { recursive: true, force: true });
});

/** Simulates a terminal: a progress bar that is not stopped would keep the process alive. */
const PRETEND_TERMINAL = '--import=data:text/javascript,process.stderr.isTTY=true';
const run = (...args: string[]) => runPanelvec(['models', ...args], { PANELVEC_HOME: home, HF_ENDPOINT: hub.endpoint });
const listModelNames = () => readdir(path.join(home, 'models')).catch(() => []);

describe('panelvec models pull', () => {
  it('downloads the encoders, adds a head, and refuses a second model of that name', async () => {
    const terminal = { PANELVEC_HOME: home, HF_ENDPOINT: hub.endpoint, NODE_OPTIONS: PRETEND_TERMINAL };
    const outcome = await runPanelvec(['models', 'pull', 'stage3-base'], terminal);
    assert.equal(outcome.code, 0, outcome.stderr);
    assert.match(outcome.stderr, /downloading/);
    assert.match(outcome.stdout, /^stage3-base@1: siglip \(48\) \+ resnet \(128\), attention fusion, 512 dimensions/);
    const model = await readModel(path.join(home, 'models/stage3-base'));
    assert.deepEqual(Object.keys(model.spec.files).sort(), Object.values(STAGE3_FILES).sort());
    for (const file of [STAGE3_FILES.siglip, STAGE3_FILES.text]) {
      assert.deepEqual(await readFile(path.join(model.folder, file)), await readFile(path.join(published, file)));
    }
    assert.deepEqual(await readdir(path.join(home, 'downloads')), []);
    const verified = await run('verify', 'stage3-base');
    assert.match(verified.stdout, /^stage3-base@1 ok: 6 files/, verified.stderr);
    const requestCount = hub.log.length;
    const again = await run('pull', 'stage3-base');
    assert.deepEqual([again.code, hub.log.length], [1, requestCount]);
    assert.match(again.stderr, /there is a model "stage3-base" already/);
  });

  it('keeps complete files if one fails, and continues at the next call', async () => {
    const missing = STAGE3_HUB_FILES.find(({ fileName }) => fileName === STAGE3_FILES.resnet)!;
    hub.injectFaults(missing.repo, missing.path, { kind: 'status', status: 404, times: 1 });
    const outcome = await run('pull', 'stage3-base');
    assert.equal(outcome.code, 1);
    assert.match(outcome.stderr, /no file "model\.safetensors" in timm\/resnet50\.a1_in1k/);
    assert.equal(outcome.stderr.trim().split('\n').length, 1, outcome.stderr);
    assert.deepEqual(await listModelNames(), []);
    const kept = (await readdir(path.join(home, 'downloads/stage3-base'))).length;
    assert.ok(kept <= STAGE3_HUB_FILES.length - 1, `${kept}`);
    assert.equal((await run('pull', 'stage3-base')).code, 0);
  });

  it('adds no model if a weight is missing, and names it', async () => {
    const file = path.join(published, STAGE3_FILES.siglip);
    const { tensors } = await readSafetensors(file);
    const changed = new Map(tensors);
    changed.delete('vision_model.post_layernorm.weight');
    changed.set('vision_model.head.probe', { dtype: 'float32', shape: [2], bytes: new Uint8Array(8) });
    const broken = path.join(home, 'broken.safetensors');
    await writeSafetensors(broken, changed);
    const { repo, path: name } = STAGE3_HUB_FILES.find(({ fileName }) => fileName === STAGE3_FILES.siglip)!;
    hub.put(repo, name, await readFile(broken));
    const outcome = await run('pull', 'stage3-base');
    assert.equal(outcome.code, 1);
    assert.match(
      outcome.stderr,
      /missing: vision_model\.post_layernorm\.weight \(48\); misshapen: vision_model\.head\.probe/,
    );
    assert.deepEqual(await listModelNames(), []);
  });

  it('names the file if a weight is missing that a size is read from', async () => {
    const { tensors } = await readSafetensors(path.join(published, STAGE3_FILES.resnet));
    const broken = path.join(home, 'broken.safetensors');
    await writeSafetensors(broken, new Map([...tensors].filter(([key]) => key !== 'conv1.weight')));
    const { repo, path: name } = STAGE3_HUB_FILES.find(({ fileName }) => fileName === STAGE3_FILES.resnet)!;
    hub.put(repo, name, await readFile(broken));
    const outcome = await run('pull', 'stage3-base');
    assert.match(outcome.stderr, /resnet\.safetensors: missing: conv1\.weight/);
    assert.deepEqual([outcome.code, await listModelNames()], [1, []]);
  });

  it('refuses while another process pulls, but ignores the lock of one that has ended', async () => {
    const downloads = path.join(home, 'downloads/stage3-base');
    await mkdir(downloads, { recursive: true });
    await writeFile(path.join(downloads, '.lock'), String(process.pid));
    const outcome = await run('pull', 'stage3-base');
    assert.match(outcome.stderr, new RegExp(`process ${process.pid} is already pulling`));
    assert.deepEqual([outcome.code, hub.log.length], [1, 0]);
    await writeFile(path.join(downloads, '.lock'), String(spawnSync('true').pid));
    assert.equal((await run('pull', 'stage3-base')).code, 0);
  });

  it('adds no model if its tokenizer has ids outside of the vocabulary', async () => {
    const { repo, path: name } = STAGE3_HUB_FILES.find(({ fileName }) => fileName === STAGE3_FILES.tokenizer)!;
    const json = JSON.parse(await readFile(path.join(published, STAGE3_FILES.tokenizer), 'utf8'));
    json.model.vocab.more = 400;
    hub.put(repo, name, Buffer.from(JSON.stringify(json)));
    const outcome = await run('pull', 'stage3-base');
    assert.match(outcome.stderr, /token ids up to 400, the text encoder knows 400 tokens/);
    assert.deepEqual([outcome.code, await listModelNames()], [1, []]);
  });

  it('refuses other models', async () => {
    const outcome = await run('pull', 'stage9');
    assert.deepEqual([outcome.code, hub.log.length], [2, 0]);
    assert.match(outcome.stderr, /"stage9" is not known here: there is stage3-base/);
  });
});
