import assert from 'node:assert/strict';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import { type JobService, startJobService } from '../../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../../support/make-corpus.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';
import { findOutputFiles, trainSpec } from '../../support/train-jobs.ts';

const PAGES = 36;

let corpus: Corpus;
let tinyModel: Awaited<ReturnType<typeof makeTinyModel>>;
let service: JobService;
before(async () => {
  [corpus, tinyModel] = await Promise.all([makeCorpus(PAGES, { pagesPerBook: 6 }), makeTinyModel()]);
  const twin = await makeTinyModel({ name: 'twin', mode: 'reference' });
  await cp(twin.folder, path.join(tinyModel.home, 'models/twin'), { recursive: true });
  await twin.remove();
  service = await startJobService(tinyModel.home, corpus, { PANELVEC_MODELS: 'tiny,twin' });
});
after(async () => {
  await service.stop();
  await corpus.remove();
  await tinyModel.remove();
});

const makeSpec = (more: Record<string, object | number | string>) => trainSpec(corpus, 'refused', more);
const withModel = (fields: object) => makeSpec({ model: fields });
const withTraining = (fields: object) => makeSpec({ training: fields });
const withDataset = (fields: object) => makeSpec({ dataset: fields });
/** The base with two backbones, whose fusion lets absent modalities in, and a training that goes with it. */
const withTwinBase = (fields: object, options: object = { weights: { fused_alignment: 0 }, modality_dropout: 0 }) =>
  makeSpec({ model: { base: 'twin', ...fields }, training: options });

const FITTED = { initial_head: 'closed_form', weights: { fused_alignment: 0 }, modality_dropout: 0 };

describe('a training that contradicts itself or its base', () => {
  const cases: readonly [param: string, spec: () => object, message: RegExp, status?: number][] = [
    ['colour', () => makeSpec({ colour: 'red' }), /unknown field/],
    ['model.colour', () => withModel({ colour: 'red' }), /unknown field/],
    ['dataset.colour', () => withDataset({ colour: 'red' }), /unknown field/],
    ['training.lr', () => withTraining({ lr: 0.1 }), /unknown field/],
    ['training.weights.masked', () => withTraining({ weights: { masked: 1 } }), /unknown field/],
    ['output', () => makeSpec({ output: '../up' }), /letters/],
    ['output', () => makeSpec({ output: 'tiny' }), /model "tiny" already/, 409],
    ['output', () => makeSpec({ output: 'compact' }), /model "compact" already/, 409],
    ['model.base', () => withModel({ base: 'none' }), /no model "none"/, 404],
    ['model.visual_backbone', () => withModel({ visual_backbone: 'resnet' }), /no backbone "resnet", but "only"/],
    ['model.visual_backbone', () => withModel({ visual_backbone: 'both' }), /one backbone alone/],
    ['model.visual_fusion', () => withModel({ visual_fusion: 'gate' }), /there is one/],
    ['model.visual_fusion', () => withTwinBase({ visual_fusion: 'single' }), /there are two/],
    ['model.visual_fusion', () => withTwinBase({ visual_backbone: 'resnet', visual_fusion: 'concat' }), /there is one/],
    ['model.feature_dim', () => withModel({ feature_dim: 4 }), /8/],
    ['model.max_text_length', () => withModel({ max_text_length: 25 }), /24 tokens/],
    ['model.image_size', () => withModel({ image_size: 224 }), /8 pixels/],
    ['training.weights.fused_alignment', () => withTwinBase({}, { modality_dropout: 0 }), /must be present/],
    ['training.modality_dropout', () => withTwinBase({}, { weights: { fused_alignment: 0 } }), /must be present/],
    [
      'training.weights',
      () => withTraining({ weights: { contrastive: 0, reconstruction: 0, alignment: 0, fused_alignment: 0 } }),
      /all objectives/,
    ],
    ['training.freeze_backbones', () => withTraining({ freeze_backbones: false }), /ONNX/],
    ['training.views', () => withTraining({ views: 2, freeze_backbones: false }), /frozen encoders/],
    ['training.views', () => withTraining({ views: 65 }), /64/],
    ['training.texts', () => withTraining({ texts: 'drawn', freeze_backbones: false }), /frozen encoders/],
    [
      'training.freeze_backbones',
      () => makeSpec({ model: { vision_transform: 'signed_sqrt' }, training: { freeze_backbones: false } }),
      /signed_sqrt/,
    ],
    ['training.initial_head', () => withTwinBase({ visual_fusion: 'concat' }, FITTED), /fusion_mode present/],
    [
      'model.visual_fusion',
      () => withTwinBase({ fusion_mode: 'present' }, FITTED),
      /attention cannot be fitted.*concat/,
    ],
    ['training.initial_head', () => withTraining({ ...FITTED, freeze_backbones: false }), /frozen/],
    [
      'training.closed_form.picture_components',
      () => withTraining({ ...FITTED, closed_form: { picture_components: 16 } }),
      /16 numbers has room for 15/,
    ],
    [
      'training.closed_form.aligned_components',
      () => withTraining({ ...FITTED, closed_form: { aligned_components: 15 } }),
      /at least one of each/,
    ],
    ['training.closed_form.ridge', () => withTraining({ ...FITTED, closed_form: { ridge: 0 } }), /0/],
    ['training.epochs', () => withTraining({ epochs: 0, warmup_epochs: 0 }), /closed_form/],
    ['model.vision_transform', () => withModel({ vision_transform: 'log' }), /signed_sqrt/],
    ['training.backbone_learning_rate', () => withTraining({ backbone_learning_rate: 1e-5 }), /frozen/],
    ['training.micro_batch_size', () => withTraining({ micro_batch_size: 5 }), /5 is more than the batch of 4/],
    ['training.min_learning_rate', () => withTraining({ learning_rate: 1e-4, min_learning_rate: 1e-3 }), /more than/],
    ['training.warmup_epochs', () => withTraining({ warmup_epochs: 2.5 }), /2\.5 epochs/],
    ['training.epochs', () => withTraining({ epochs: -1 }), /0/],
    [
      'training.initial_head',
      () => makeSpec({ model: { feature_dim: 8 }, training: { initial_head: 'base' } }),
      /shape/,
    ],
    ['training.initial_head', () => withTwinBase({ fusion_mode: 'present' }, { initial_head: 'base' }), /shape/],
    [
      'training.early_stopping_epochs',
      () => makeSpec({ dataset: { val_fraction: 0 }, training: { early_stopping_epochs: 2 } }),
      /no pages/,
    ],
    ['dataset.val_fraction', () => withDataset({ val_fraction: 0.95 }), /0\.9/],
    ['dataset.val_fraction', () => withDataset({ val_pss_labels: 'pss_labels.json' }), /val_pss_labels says/],
    [
      'dataset.val_pss_labels',
      () => withDataset({ val_pss_labels: 'none.json', val_fraction: null }),
      /does not exist/,
    ],
    ['dataset.val_pss_labels', () => withDataset({ val_pss_labels: '/etc/passwd', val_fraction: null }), /outside/],
    ['dataset.pss_labels', () => withDataset({ pss_labels: '/etc/passwd' }), /outside/],
    ['dataset.manifest', () => withDataset({ manifest: '../manifest.csv' }), /outside/],
    ['dataset.panels.root', () => withDataset({ panels: { format: 'vlm', root: 'manifest.csv' } }), /is no folder/],
    ['max_bad_pages', () => makeSpec({ max_bad_pages: 2 }), /1/],
  ];
  for (const [param, spec, message, status = 400] of cases) {
    it(`is refused at ${param}: ${message.source}`, async () => {
      const { body, status: actualStatus } = await request(service.address).post('/v1/jobs').send(spec());
      assert.deepEqual([body.error?.param, actualStatus], [param, status], JSON.stringify(body));
      assert.match(body.error.message, message);
      assert.deepEqual(findOutputFiles(tinyModel.home, 'refused'), []);
    });
  }

  it('is accepted with another base', async () => {
    const jobs = [
      withTwinBase({ visual_backbone: 'both', visual_fusion: 'concat', feature_dim: 24 }),
      { ...withTwinBase({ visual_backbone: 'resnet', fusion_mode: 'present' }, {}), output: 'single' },
      {
        ...makeSpec({ training: { initial_head: 'base' }, model: { max_text_length: 5, image_size: 8 } }),
        output: 'based',
      },
    ];
    for (const spec of jobs) {
      const { state, error, progress } = await service.waitForEnd((await service.submit(spec)).id);
      assert.equal(state, 'succeeded', JSON.stringify(error));
      // Shorter than the time between two reports, and yet its last numbers stay.
      assert.equal(progress.detail!['epoch'], spec.training.epochs);
    }
  });
});

describe('a dataset that cannot be trained on', () => {
  /** Labels of the pages whose number is chosen; a page has as many panels as its number leaves over by 6. */
  async function writeLabels(name: string, choose: (page: number) => boolean, type = 'narrative'): Promise<string> {
    const all = Object.keys(JSON.parse(await readFile(corpus.dataset.pss_labels, 'utf8')));
    const labels = Object.fromEntries(all.filter((_, page) => choose(page)).map((id) => [id, type]));
    await writeFile(path.join(corpus.folder, name), JSON.stringify(labels));
    return name;
  }
  /** The same panels without a word. */
  async function writePanelsWithoutText(): Promise<string> {
    for (const id of Object.keys(JSON.parse(await readFile(corpus.dataset.pss_labels, 'utf8')))) {
      const page = JSON.parse(await readFile(path.join(corpus.folder, 'vlm', `${id}.json`), 'utf8'));
      const file = path.join(corpus.folder, 'mute', `${id}.json`);
      await mkdir(path.dirname(file), { recursive: true });
      const panels = page.panels.map(({ box_2d }: { box_2d: number[] }) => ({ box_2d }));
      await writeFile(file, JSON.stringify({ panels }));
    }
    return 'mute';
  }
  const everyPage = () => true;
  const cases: readonly [
    what: string,
    param: string | null,
    pages: () => Promise<object>,
    message: RegExp,
    options?: object,
  ][] = [
    [
      'no narrative pages',
      'dataset.pss_labels',
      async () => ({ pss_labels: await writeLabels('covers.json', everyPage, 'cover') }),
      /no narrative page is left of 36 labels .*36 page_type/,
    ],
    [
      'no pages to hold out',
      'dataset.val_pss_labels',
      async () => ({ val_pss_labels: await writeLabels('none.json', () => false), val_fraction: null }),
      /no narrative page is left of 0 labels/,
    ],
    [
      'all pages held out',
      'dataset.pss_labels',
      async () => ({ val_pss_labels: 'pss_labels.json', val_fraction: null }),
      /36 held out/,
    ],
    ['a file that is none', null, async () => ({ pss_labels: 'manifest.csv' }), /manifest\.csv/],
    [
      'no panels',
      'dataset',
      async () => ({ pss_labels: await writeLabels('bare.json', (page) => page % 6 === 0) }),
      /no page to train on has a panel/,
    ],
    [
      'no page of two panels',
      'dataset',
      async () => ({ pss_labels: await writeLabels('single.json', (page) => page % 6 < 2), val_fraction: 0 }),
      /has two panels/,
    ],
    [
      'no words',
      'training.weights.alignment',
      async () => ({ panels: { format: 'vlm', root: await writePanelsWithoutText() } }),
      /no panel to train on has text/,
    ],
    [
      'fewer pages than a batch',
      'training.batch_size',
      async () => ({}),
      /batch of 32 pages is larger/,
      { batch_size: 32 },
    ],
    ['no book small enough', 'dataset.val_fraction', async () => ({ val_fraction: 0.05 }), /no book is small enough/],
  ];
  for (const [what, param, pages, message, training = {}] of cases) {
    it(`fails the job with the reason, and leaves no files: ${what}`, async () => {
      const { id } = await service.submit(trainSpec(corpus, 'failed', { dataset: await pages(), training }));
      const { state, error } = await service.waitForEnd(id);
      assert.equal(state, 'failed');
      assert.deepEqual([error!.code, error!.param], ['dataset_invalid', param], error!.message);
      assert.match(error!.message, message);
      assert.deepEqual(findOutputFiles(tinyModel.home, 'failed'), []);
    });
  }
});
