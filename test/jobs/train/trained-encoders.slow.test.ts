import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import { type Model, readModel, verifyFiles } from '../../../src/model/model.ts';
import { encoderFile } from '../../../src/model/model-spec.ts';
import { readSafetensors } from '../../../src/weights/safetensors-reader.ts';
import { drawPngPanel, toDataUri } from '../../support/images.ts';
import { startService } from '../../support/in-process-service.ts';
import { type JobService, startJobService } from '../../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../../support/make-corpus.ts';
import { readJson } from '../../support/read-json.ts';
import { makeSmallStage3 } from '../../support/small-stage3.ts';
import { modelFolder, trainSpec } from '../../support/train-jobs.ts';

/** stage3-base in miniature: SigLIP, ResNet and BERT as code, which can be trained. */
let corpus: Corpus;
let base: Awaited<ReturnType<typeof makeSmallStage3>>;
let service: JobService;
before(async () => {
  [corpus, base] = await Promise.all([makeCorpus(24, { pagesPerBook: 4 }), makeSmallStage3({ withTokenizer: true })]);
  service = await startJobService(base.home, corpus, { PANELVEC_MODELS: 'stage3-base', PANELVEC_THREADS: '2' });
});
after(async () => {
  await service.stop();
  await corpus.remove();
  await base.remove();
});

/** What goes with the fusion of the original */
const ORIGINAL_TRAINING = { modality_dropout: 0, weights: { fused_alignment: 0 } };

async function train(output: string, model: object, training: object = {}): Promise<Model> {
  const spec = trainSpec(corpus, output, { model, training: { epochs: 1, learning_rate: 1e-3, ...training } });
  const { state, error } = await service.waitForEnd((await service.submit(spec)).id);
  assert.equal(state, 'succeeded', JSON.stringify(error));
  const trained = await readModel(modelFolder(base.home, output));
  await verifyFiles(trained);
  return trained;
}

/** Weights of an encoder by their own keys. */
async function readEncoderWeights({ folder }: Model, encoder: Model['spec']['text']['encoder'] | Encoder) {
  const { prefix } = encoder as { prefix: string };
  const { tensors } = await readSafetensors(path.join(folder, encoderFile(encoder)), (key) => key.startsWith(prefix));
  return new Map([...tensors].map(([key, { bytes }]) => [key.slice(prefix.length), Buffer.from(bytes)]));
}
type Encoder = Model['spec']['vision']['backbones'][number]['encoder'];

async function assertServes(...models: readonly Model[]): Promise<void> {
  const names = models.map(({ spec }) => spec.name).join(',');
  const served = await startService({ PANELVEC_HOME: base.home, PANELVEC_MODELS: names });
  try {
    for (const { id, spec } of models) {
      const inputs = { image: toDataUri(await drawPngPanel(1)), text: 'who goes there?' };
      for (const [endpoint, input] of Object.entries(inputs)) {
        const response = await request(served.address).post(`/v1/embeddings/${endpoint}`).send({ model: id, input });
        const [{ embedding }] = response.body.data;
        assert.deepEqual([embedding.length, embedding.every(Number.isFinite)], [spec.dimensions, true]);
      }
    }
  } finally {
    await served.close();
  }
}

const listEncoders = ({ spec }: Model) => [...spec.vision.backbones, spec.text].map(({ encoder }) => encoder);
const findChangedKeys = async (a: Model, b: Model) => {
  const [before, after] = [listEncoders(a), listEncoders(b)];
  return Promise.all(
    before.map(async (encoder, i) => {
      const [baseWeights, trainedWeights] = [
        await readEncoderWeights(a, encoder),
        await readEncoderWeights(b, after[i]!),
      ];
      assert.deepEqual([...trainedWeights.keys()].sort(), [...baseWeights.keys()].sort());
      return [...baseWeights].filter(([key, bytes]) => !bytes.equals(trainedWeights.get(key)!)).map(([key]) => key);
    }),
  );
};

describe('encoders that are frozen', () => {
  it('are those of the base, byte for byte', async () => {
    const trained = await train('frozen', { feature_dim: 40 });
    const files = new Set(listEncoders(base.model).map(encoderFile));
    assert.deepEqual(new Set(listEncoders(trained).map(encoderFile)), files);
    for (const file of files) {
      assert.deepEqual(trained.spec.files[file], base.model.spec.files[file]);
      const bytes = await readFile(path.join(trained.folder, file));
      assert.ok(bytes.equals(await readFile(path.join(base.model.folder, file))));
    }
    assert.equal(trained.spec.dimensions, 40);
    assert.deepEqual(trained.spec.zero_shot, base.model.spec.zero_shot);
    await assertServes(trained);
  });
});

describe('encoders that are trained', () => {
  it('are files of the new model, with other weights, and are served', async () => {
    const trained = await train('thawed', {}, { freeze_backbones: false, backbone_learning_rate: 1e-3 });
    const encoderFiles = new Set(listEncoders(trained).map(encoderFile));
    assert.equal(encoderFiles.size, 1);
    assert.equal(base.model.spec.files[[...encoderFiles][0]!], undefined);
    const [siglip, resnet, text] = await findChangedKeys(base.model, trained);
    for (const keys of [siglip!, resnet!, text!]) assert.ok(keys.length > 0);
    // Averages over pictures that a ResNet was pretrained with stay: they are no weights.
    assert.deepEqual(
      resnet!.filter((key) => key.includes('running_')),
      [],
    );
    // SigLIP's text tower fits only the vision tower that it was trained with.
    assert.deepEqual(trained.spec.zero_shot, { kind: 'softmax', temperature: 0.07, bias: 0 });
    await verifyFiles(base.model);
    await assertServes(trained);
  });

  it('may be one of two, with the head of the original', async () => {
    const trained = await train(
      'alone',
      { visual_backbone: 'siglip', fusion_mode: 'reference', feature_dim: 16 },
      { freeze_backbones: false, ...ORIGINAL_TRAINING },
    );
    const { vision, head, dimensions } = trained.spec;
    assert.deepEqual(
      vision.backbones.map(({ name }) => name),
      ['siglip'],
    );
    assert.deepEqual([head.visual_fusion, head.fusion_mode, dimensions], ['single', 'reference', 16]);
    await assertServes(trained);
  });
});

describe('a head of another form', () => {
  it('is trained on frozen encoders', async () => {
    const models = [
      await train('one', { visual_backbone: 'siglip' }),
      await train('gated', { visual_fusion: 'gate', use_modality_indicators: false }),
      await train('original', { fusion_mode: 'reference', visual_fusion: 'concat' }, ORIGINAL_TRAINING),
    ];
    const headOptions = models.map(({ spec: { head, vision } }) => [
      vision.backbones.length,
      head.visual_fusion,
      head.modality_indicators,
      head.fusion_mode,
    ]);
    assert.deepEqual(headOptions, [
      [1, 'single', true, 'present'],
      [2, 'gate', false, 'present'],
      [2, 'concat', true, 'reference'],
    ]);
    await assertServes(...models);
  });

  it('is fitted to frozen encoders without a step', async () => {
    const form = { visual_fusion: 'concat', vision_transform: 'signed_sqrt', text_transform: 'unit_length' };
    const trained = await train('fitted', form, { initial_head: 'closed_form', epochs: 0, views: 2 });
    const { head } = trained.spec;
    assert.deepEqual(
      [head.visual_fusion, head.vision_transform, head.text_transform],
      ['concat', 'signed_sqrt', 'unit_length'],
    );
    const { summary } = await readJson(trained.folder, 'training.json');
    assert.deepEqual([summary.steps, summary.best.epoch, summary.best.measures], [0, 0, summary.baseline]);
    await assertServes(trained);
  });
});
