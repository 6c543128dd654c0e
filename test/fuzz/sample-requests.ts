import { toDataUri } from '../support/images.ts';
import type { FormPart } from './mutate-form.ts';
import type { SamplePicture } from './sample-pictures.ts';

export type Content =
  | { readonly kind: 'none' }
  | { readonly kind: 'bytes'; readonly type: string; readonly bytes: Buffer }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'form'; readonly parts: readonly FormPart[] };

/** A request that the service accepts, with a picture where it takes one. */
export interface SampleRequest {
  readonly method: string;
  readonly target: string;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly usesPicture: boolean;
  readonly content: (picture: SamplePicture) => Content;
}

const COMPOSITION = [1.3, 0.2, 0.1, 0, 0, 0.3, 0.4];
const BOXES = [
  {
    panel_number: 1,
    box_2d: [0, 0, 500, 1000],
    description: 'A boat.',
    text_content: [{ text: 'HO!', type: 'dialogue' }],
  },
  { panel_number: 2, box_2d: [500, 0, 1000, 1000], description: 'A cat sits.', text_content: [] },
];
const OCR_PANELS = [
  { bbox: [0, 0, 60, 40], text: 'GOOD EVENING.' },
  { bbox: [10, 40, 60, 40], text: null },
];
const DATASET = { manifest: 'manifest.csv', pss_labels: 'pss_labels.json', panels: { format: 'vlm', root: 'vlm' } };
const TENSOR_TOKENS = 4;

const file = (name: string, { type, bytes }: SamplePicture): FormPart => ({ name, fileName: `${name}.x`, type, bytes });
const jsonPart = (value: unknown): FormPart => ({ name: 'request', bytes: Buffer.from(JSON.stringify(value)) });
const uri = ({ type, bytes }: SamplePicture) => toDataUri(bytes, type);

/** @param panelId a panel of the collection `examples` */
export function makeSampleRequests(panelId: string): readonly SampleRequest[] {
  return [
    post('/v1/embeddings/image', true, ({ type, bytes }) => ({ kind: 'bytes', type, bytes })),
    post('/v1/embeddings/image?outputs=fused,vision&normalize=true&dimensions=64', true, ({ type, bytes }) => ({
      kind: 'bytes',
      type,
      bytes,
    })),
    post('/v1/embeddings/image', true, (picture) => ({
      kind: 'form',
      parts: [file('image', picture), file('image', picture), { name: 'normalize', bytes: Buffer.from('true') }],
    })),
    post('/v1/embeddings/image', true, (picture) => ({
      kind: 'json',
      value: { input: [uri(picture)], normalize: true },
    })),
    post('/v1/embeddings/text', false, () => ({
      kind: 'json',
      value: { input: ['A boat on the dark water.', 'The lamp is out!'], outputs: ['fused', 'text'], truncate: 'end' },
    })),
    post('/v1/embeddings/panel', true, (picture) => ({
      kind: 'json',
      value: {
        input: [{ image: uri(picture), text: 'The lamp is out!', composition: COMPOSITION }, { text: 'A cat.' }],
        outputs: ['fused', 'vision', 'text', 'composition'],
        encoding_format: 'base64',
      },
    })),
    post('/v1/embeddings/panel', true, (picture) => ({
      kind: 'form',
      parts: [
        jsonPart({
          input: [
            { image: 'left', text: 'Rain.' },
            { image: 'right', composition: COMPOSITION },
          ],
          dimensions: 32,
        }),
        file('left', picture),
        file('right', picture),
      ],
    })),
    post('/v1/embeddings/page', true, (picture) => ({
      kind: 'form',
      parts: [
        jsonPart({ canonical_id: 'a_1', overall_summary: 'Night.', panels: BOXES, pad_to: 4 }),
        file('image', picture),
      ],
    })),
    post('/v1/embeddings/page', true, (picture) => ({
      kind: 'json',
      value: {
        pages: [
          { image: uri(picture), panels: OCR_PANELS },
          { image: uri(picture), panels: BOXES },
        ],
        options: {},
      },
    })),
    post('/v1/embeddings', false, () => ({
      kind: 'json',
      value: { model: 'compact', input: ['A boat.', 'A cat.'], encoding_format: 'float', dimensions: 128, user: 'u' },
    })),
    post('/v1/zero-shot', true, (picture) => ({
      kind: 'form',
      parts: [jsonPart({ labels: ['a harbor', 'a kitchen'], template: 'a picture of {}' }), file('image', picture)],
    })),
    post('/v1/zero-shot', true, (picture) => ({
      kind: 'json',
      value: { labels: ['rain', 'snow', 'sun'], images: [uri(picture)], truncate: 'refuse' },
    })),
    post('/v1/search', true, (picture) => ({
      kind: 'json',
      value: {
        collection: 'examples',
        text: 'a lighthouse',
        image: uri(picture),
        composition: COMPOSITION,
        positive: [panelId],
        negative: [panelId],
        weights: { text: 1, image: 0.5 },
        filters: { book: 'Moonlit Harbor', has_text: true },
        level: 'page',
        top_k: 3,
        exact: true,
      },
    })),
    post('/v1/search', true, (picture) => ({
      kind: 'form',
      parts: [jsonPart({ collection: 'examples', top_k: 5 }), file('image', picture)],
    })),
    post('/v1/search', false, () => ({ kind: 'json', value: { collection: 'examples', panel: panelId, top_k: 4 } })),
    post('/v2/models/compact/infer', false, () => ({ kind: 'json', value: makeTensors() })),
    {
      ...post('/v2/models/compact/versions/4/infer', false, makeBinaryTensors),
      headers: [['inference-header-content-length', String(BINARY_TENSORS_JSON.length)]],
    },
    post('/v1/jobs', false, () => ({
      kind: 'json',
      value: { type: 'embed', output: 'fuzz', model: 'compact', dry_run: true, max_bad_pages: 0.1, dataset: DATASET },
    })),
    post('/v1/jobs', false, () => ({ kind: 'json', value: { type: 'index', output: 'fuzzed', store: 'none' } })),
    post('/v1/jobs', false, () => ({
      kind: 'json',
      value: {
        type: 'train',
        output: 'trained',
        base: 'compact',
        dataset: { manifest: 'none.csv' },
        epochs: 1,
        seed: 1,
      },
    })),
    post('/v1/jobs', false, () => ({
      kind: 'json',
      value: {
        type: 'evaluate',
        output: 'evaluated',
        dataset: { manifest: 'none.csv' },
        contenders: [{ model: 'compact' }],
      },
    })),
    post('/v1/models/compact@4/activate', false, () => ({
      kind: 'json',
      value: { alias: 'fuzz', force: false, canary: { share: 0.1 } },
    })),
    post('/v1/models/rollback', false, () => ({ kind: 'json', value: { alias: 'fuzz' } })),
    get(`/v1/collections/examples/panels?ids=${panelId}`),
    get(`/v1/collections/examples/panels/${panelId}`),
    get(`/v1/collections/examples/panels/${panelId}/image?width=160`),
    get(`/v1/collections/examples/panels/${panelId}/page?width=320`),
    get('/v1/collections/examples/map/points'),
    get('/v1/jobs?limit=2&type=index'),
    get('/v1/audit?limit=2'),
    get('/v1/models/compact@4/card'),
  ];
}

function post(target: string, usesPicture: boolean, content: SampleRequest['content']): SampleRequest {
  return { method: 'POST', target, usesPicture, content };
}

function get(target: string): SampleRequest {
  return { method: 'GET', target, usesPicture: false, content: () => ({ kind: 'none' }) };
}

function makeTensors(): object {
  const ids = { name: 'input_ids', datatype: 'INT64', shape: [1, TENSOR_TOKENS], data: [[101, 2450, 4049, 102]] };
  const mask = { name: 'attention_mask', datatype: 'INT64', shape: [1, TENSOR_TOKENS], data: [1, 1, 1, 1] };
  const composition = { name: 'comp_feats', datatype: 'FP32', shape: [1, COMPOSITION.length], data: COMPOSITION };
  return { id: 'one', inputs: [ids, mask, composition], outputs: [{ name: 'fused' }, { name: 'gate_weights' }] };
}

const BINARY_TENSORS_JSON = JSON.stringify({
  inputs: [
    {
      name: 'comp_feats',
      datatype: 'FP32',
      shape: [2, COMPOSITION.length],
      parameters: { binary_data_size: 2 * COMPOSITION.length * Float32Array.BYTES_PER_ELEMENT },
    },
  ],
  outputs: [{ name: 'fused', parameters: { binary_data: true } }],
});

function makeBinaryTensors(): Content {
  const values = Buffer.from(Float32Array.from([...COMPOSITION, ...COMPOSITION]).buffer);
  const bytes = Buffer.concat([Buffer.from(BINARY_TENSORS_JSON), values]);
  return { kind: 'bytes', type: 'application/octet-stream', bytes };
}
