import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { RunningService } from '../../../src/http/serve.ts';
import { importModel } from '../../../src/model/original/import-model.ts';
import { asBinary, asJson, assertOpenRefused, type OpenBody, postOpen, tensor } from '../../support/open-tensors.ts';
import { REFERENCE } from '../../support/reference.ts';
import { spawnService } from '../../support/service-process.ts';
import { startService } from '../../support/services.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';

const MAX_VALUES = 1000;
const SIDE = 8;
const PIXELS = 3 * SIDE * SIDE;

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: RunningService;
let usual: string;

before(async () => {
  tiny = await makeTinyModel();
  const weights = path.join(REFERENCE, 'both-attention/weights.safetensors');
  await importModel(path.join(tiny.home, 'models'), weights, { name: 'both' });
  service = await startService({
    PANELVEC_HOME: tiny.home,
    PANELVEC_MODELS: 'tiny,both',
    PANELVEC_MAX_ITEMS: '4',
    PANELVEC_MAX_BODY_BYTES: '200000',
    PANELVEC_MAX_TENSOR_VALUES: String(MAX_VALUES),
  });
  usual = await goodAnswer();
});
after(async () => {
  await service.close();
  await tiny.remove();
});

const numbers = (count: number) => Array.from({ length: count }, (_, at) => (at % 10) / 10);
const comp = asJson(tensor('comp_feats', 'FP32', [1, 7], numbers(7)));
const ids = asJson(tensor('input_ids', 'INT64', [1, 3], [1, 2, 3]));
const mask = asJson(tensor('attention_mask', 'INT64', [1, 3], [1, 1, 1]));
const images = asJson(tensor('images', 'FP32', [1, 3, SIDE, SIDE], numbers(PIXELS)));
const present = (...values: number[]) => asJson(tensor('modality_mask', 'FP32', [1, 3], values));
const size = (bytes: unknown) => ({ ...comp, data: undefined, parameters: { binary_data_size: bytes } });
const twoRows = { ...comp, shape: [2, 7] };

async function goodAnswer(): Promise<string> {
  const response = await postOpen(service.address, 'tiny', { json: { inputs: [comp, ids, mask, images] } });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return text;
}

/** Refused, and the service answers the next request as ever. */
async function refuses(model: string, body: OpenBody, ...expected: [number, string, string | null, RegExp?]) {
  await assertOpenRefused(await postOpen(service.address, model, body), ...expected);
  assert.equal(await goodAnswer(), usual);
}

describe('tensors that do not fit', () => {
  const cases: readonly [string, unknown[], string, RegExp][] = [
    ['a name that is none', [{ ...comp, name: 'pixels' }], 'inputs[0].name', /no input "pixels"; there is images/],
    ['a name that objects have', [{ ...comp, name: 'constructor' }], 'inputs[0].name', /no input "constructor"/],
    ['__proto__ as a name', [{ ...comp, name: '__proto__' }], 'inputs[0].name', /no input "__proto__"/],
    ['a name that is no text', [{ ...comp, name: 7 }], 'inputs[0].name', /string/],
    ['a tensor without a name', [{ ...comp, name: undefined }], 'inputs[0].name', /string/],
    ['twice the same', [comp, ids, mask, comp], 'inputs[3].name', /comp_feats is given twice/],
    ['a type that is not known', [{ ...comp, datatype: 'FP16' }], 'inputs[0].datatype', /FP32/],
    [
      'another type',
      [ids, { ...mask, datatype: 'FP32' }],
      'inputs[1].datatype',
      /attention_mask is FP32, expected INT64/,
    ],
    ['ids as floats', [{ ...ids, datatype: 'FP32' }, mask], 'inputs[0].datatype', /input_ids is FP32, expected INT64/],
    ['images as bytes', [{ ...images, datatype: 'UINT8' }], 'inputs[0].datatype', /images is UINT8, expected FP32/],
    ['too few axes', [{ ...comp, shape: [7] }], 'inputs[0].shape', /comp_feats has the shape \(7\), expected/],
    ['too many axes', [{ ...comp, shape: [1, 7, 1] }], 'inputs[0].shape', /\(1, 7, 1\), expected/],
    ['no axes', [{ ...comp, shape: [] }], 'inputs[0].shape', /./],
    ['nine axes', [{ ...comp, shape: Array(9).fill(1) }], 'inputs[0].shape', /./],
    ['no shape', [{ ...comp, shape: undefined }], 'inputs[0].shape', /array/],
    ['another size', [{ ...comp, shape: [1, 6], data: numbers(6) }], 'inputs[0].shape', /\(1, 6\), expected/],
    ['channels last', [{ ...images, shape: [1, SIDE, SIDE, 3] }], 'inputs[0].shape', /\(1, 8, 8, 3\), expected/],
    ['no rows', [{ ...comp, shape: [0, 7], data: [] }], 'inputs[0].shape', /\(0, 7\), expected/],
    ['no places', [{ ...ids, shape: [1, 0], data: [] }, mask], 'inputs[0].shape', /\(1, 0\), expected/],
    ['a negative size', [{ ...comp, shape: [-1, 7] }], 'inputs[0].shape[0]', /./],
    ['half a row', [{ ...comp, shape: [0.5, 7] }], 'inputs[0].shape[0]', /./],
    ['a size in words', [{ ...comp, shape: ['1', 7] }], 'inputs[0].shape[0]', /./],
    ['more rows than numbers can count', [{ ...comp, shape: [1e300, 7] }], 'inputs[0].shape[0]', /./],
    [
      'other row counts',
      [comp, { ...ids, shape: [3, 1] }, { ...mask, shape: [3, 1] }],
      'inputs[1].shape',
      /3 rows.* 1/,
    ],
    [
      'a mask of other places',
      [ids, { ...mask, shape: [1, 2], data: [1, 1] }],
      'inputs[1].shape',
      /\(1, 2\).*\(1, 3\)/,
    ],
    [
      'more places than the model takes',
      [longText(25, 'input_ids'), longText(25, 'attention_mask')],
      'inputs[0].shape',
      /25 places, the model takes 24/,
    ],
    ['too few elements', [{ ...comp, data: numbers(6) }], 'inputs[0].data', /takes 7 elements, not 6/],
    ['too many elements', [{ ...comp, data: numbers(8) }], 'inputs[0].data', /takes 7 elements, not 8/],
    ['no elements', [{ ...comp, data: [] }], 'inputs[0].data', /takes 7 elements, not 0/],
    ['no data', [{ ...comp, data: undefined }], 'inputs[0].data', /comp_feats has no data/],
    ['data that is a text', [{ ...comp, data: '0,0,0,0,0,0,0' }], 'inputs[0].data', /array/],
    ['data that is an object', [{ ...comp, data: { length: 7 } }], 'inputs[0].data', /array/],
    ['data that is null', [{ ...comp, data: null }], 'inputs[0].data', /array/],
    [
      'a text among the numbers',
      [{ ...comp, data: [...numbers(6), '1'] }],
      'inputs[0].data',
      /element 6 of comp_feats is not a number/,
    ],
    [
      'a null among the numbers',
      [{ ...comp, data: [null, ...numbers(6)] }],
      'inputs[0].data',
      /element 0 .* not a number/,
    ],
    [
      'a truth among the numbers',
      [{ ...comp, data: [true, ...numbers(6)] }],
      'inputs[0].data',
      /element 0 .* not a number/,
    ],
    [
      'an object among the numbers',
      [{ ...comp, data: [...numbers(6), { valueOf: 1 }] }],
      'inputs[0].data',
      /element 6/,
    ],
    ['a list among the numbers', [{ ...comp, data: [[...numbers(6), [1]]] }], 'inputs[0].data', /element 6/],
    ['lists in lists in lists', [{ ...comp, data: [[[[[[numbers(7)]]]]]] }], 'inputs[0].data', /./],
    ['a ragged nesting of the right count', [{ ...twoRows, data: [numbers(8), numbers(6)] }], 'inputs[0].data', /./],
    ['a nesting by columns', [{ ...twoRows, data: Array(7).fill([1, 2]) }], 'inputs[0].data', /./],
    ['rows beside bare numbers', [{ ...twoRows, data: [numbers(7), ...numbers(7)] }], 'inputs[0].data', /./],
    [
      'an image nested with channels last',
      [{ ...images, data: [Array(SIDE).fill(Array(SIDE).fill([0, 1, 2]))] }],
      'inputs[0].data',
      /./,
    ],
    [
      'numbers as truths',
      [ids, { ...mask, datatype: 'BOOL' }],
      'inputs[1].data',
      /element 0 of attention_mask is not a boolean/,
    ],
    ['fractions as integers', [{ ...ids, data: [1, 2.5, 3] }, mask], 'inputs[0].data', /element 1 of input_ids, 2\.5/],
    [
      'an id of 2^53',
      [{ ...ids, data: [1, 2, 2 ** 53] }, mask],
      'inputs[0].data',
      /element 2 of input_ids, 9007199254740992/,
    ],
    [
      'an id that would wrap to 1',
      [{ ...ids, data: [2 ** 32 + 1, 2, 3] }, mask],
      'inputs[0].data',
      /element 0 of input_ids/,
    ],
    ['parameters that are none', [{ ...comp, parameters: 5 }], 'inputs[0].parameters', /./],
  ];
  for (const [what, inputs, param, message] of cases) {
    it(what, () => refuses('tiny', { json: { inputs } }, 400, 'invalid_request', param, message));
  }
});

function longText(places: number, name: string) {
  return asJson(tensor(name, 'INT64', [1, places], Array(places).fill(1)));
}

describe('tensors that do not go together', () => {
  const cases: readonly [string, unknown[], string, RegExp][] = [
    ['only a modality mask', [present(1, 0, 0)], 'inputs', /give images, input_ids or comp_feats/],
    ['only both masks', [present(0, 1, 0), mask], 'inputs', /give images, input_ids or comp_feats/],
    ['ids without a mask', [comp, ids], 'inputs[1]', /input_ids come without attention_mask/],
    ['a mask without ids', [comp, mask], 'inputs[1]', /attention_mask comes without input_ids/],
    [
      'a negative id',
      [{ ...ids, data: [1, -1, 3] }, mask],
      'inputs[0]',
      /element 1 of input_ids, -1, is not in the voc/,
    ],
    ['a 2 in the attention mask', [ids, { ...mask, data: [1, 2, 0] }], 'inputs[1]', /element 1 of attention_mask, 2,/],
    ['a half in the modality mask', [comp, present(0, 0, 0.5)], 'inputs[1]', /element 2 of modality_mask, 0\.5,/],
    ['a -1 in the modality mask', [comp, present(0, -1, 1)], 'inputs[1]', /element 1 of modality_mask, -1,/],
    [
      'a picture promised but not given',
      [comp, present(1, 0, 1)],
      'inputs[1]',
      /row 0 .* there is vision, but images is not given/,
    ],
    [
      'a text promised but not given',
      [present(0, 1, 1), comp],
      'inputs[0]',
      /there is text, but input_ids is not given/,
    ],
    ['a place promised but not given', [images, present(1, 0, 1)], 'inputs[1]', /there is composition, but comp_feats/],
    [
      'a row without anything',
      [comp, present(0, 0, 0)],
      'inputs[1]',
      /row 0 of modality_mask says that nothing is there/,
    ],
  ];
  for (const [what, inputs, param, message] of cases) {
    it(what, () => refuses('tiny', { json: { inputs } }, 400, 'invalid_request', param, message));
  }

  it('an id behind the vocabulary, in JSON and as binary', async () => {
    const texts = [tensor('input_ids', 'INT64', [1, 2], [199, 200]), tensor('attention_mask', 'INT64', [1, 2], [1, 1])];
    const expected = [400, 'invalid_request', 'inputs[0]', /element 1 of input_ids, 200, is not in the voc/] as const;
    await refuses('both', { json: { inputs: texts.map(asJson) } }, ...expected);
    await refuses('both', asBinary(texts), ...expected);
  });

  it('an id that only the encoder finds unknown fails alone, whatever runs beside it', async () => {
    const unknown = { json: { inputs: [{ ...ids, data: [1, 2, 5000] }, mask] } };
    const [refused, ...good] = await Promise.all([
      postOpen(service.address, 'tiny', unknown),
      goodAnswer(),
      goodAnswer(),
    ]);
    await assertOpenRefused(refused, 422, 'inference_failed', null);
    assert.deepEqual(good, [usual, usual]);
  });

  const outputs: readonly [string, string, unknown[], unknown, string, RegExp][] = [
    [
      'that is none',
      'tiny',
      [comp],
      [{ name: 'fused' }, { name: 'pooled' }],
      'outputs[1].name',
      /no output "pooled"; there is fused/,
    ],
    ['that objects have', 'tiny', [comp], [{ name: 'toString' }], 'outputs[0].name', /no output "toString"/],
    ['twice', 'tiny', [comp], [{ name: 'fused' }, { name: 'fused' }], 'outputs[1].name', /fused is asked for twice/],
    [
      'without images',
      'tiny',
      [comp],
      [{ name: 'fused' }, { name: 'vision' }],
      'outputs[1].name',
      /vision needs images/,
    ],
    ['without a text', 'tiny', [comp], [{ name: 'text' }], 'outputs[0].name', /text needs input_ids/],
    ['without a place', 'tiny', [images], [{ name: 'composition' }], 'outputs[0].name', /composition needs comp_feats/],
    [
      'of shares of one backbone',
      'tiny',
      [images],
      [{ name: 'backbone_weights' }],
      'outputs[0].name',
      /no output "backbone_weights"/,
    ],
    [
      'of shares without images',
      'both',
      [comp],
      [{ name: 'backbone_weights' }],
      'outputs[0].name',
      /backbone_weights needs images/,
    ],
    ['that is a text', 'tiny', [comp], ['fused'], 'outputs[0]', /object/],
    ['without a name', 'tiny', [comp], [{}], 'outputs[0].name', /string/],
    ['of an empty list', 'tiny', [comp], [], 'outputs', /./],
    [
      'with a flag that is none',
      'tiny',
      [comp],
      [{ name: 'fused', parameters: { binary_data: 'yes' } }],
      'outputs[0].parameters.binary_data',
      /boolean/,
    ],
  ];
  for (const [what, model, inputs, asked, param, message] of outputs) {
    it(`an output ${what}`, () =>
      refuses(model, { json: { inputs, outputs: asked } }, 400, 'invalid_request', param, message));
  }
});

describe('binary tensors that do not fit', () => {
  const bytes = (count: number) => Buffer.alloc(count);
  const sizeParam = 'inputs[0].parameters.binary_data_size';
  const cases: readonly [string, OpenBody, string, RegExp][] = [
    ['too short a size', { json: { inputs: [size(24)] }, tail: bytes(24) }, sizeParam, /takes 28 bytes, not 24/],
    ['too long a size', { json: { inputs: [size(32)] }, tail: bytes(32) }, sizeParam, /takes 28 bytes, not 32/],
    [
      'a size that nothing follows',
      { json: { inputs: [size(28)] }, tail: bytes(0) },
      sizeParam,
      /takes 28 bytes, not 0/,
    ],
    [
      'a body that ends too soon',
      { json: { inputs: [size(28)] }, tail: bytes(27) },
      sizeParam,
      /takes 28 bytes, not 27/,
    ],
    ['a size of nothing', { json: { inputs: [size(0)] } }, sizeParam, /takes 28 bytes, not 0/],
    ['a negative size', { json: { inputs: [size(-28)] }, tail: bytes(28) }, sizeParam, /./],
    ['half a byte', { json: { inputs: [size(27.5)] }, tail: bytes(28) }, sizeParam, /./],
    ['a size in words', { json: { inputs: [size('28')] }, tail: bytes(28) }, sizeParam, /number/],
    ['a size that is null', { json: { inputs: [size(null)] }, tail: bytes(28) }, sizeParam, /number/],
    [
      'the largest size',
      { json: { inputs: [size(2 ** 53 - 1)] }, tail: bytes(28) },
      'inputs',
      /28 bytes follow the JSON/,
    ],
    [
      'left-over bytes',
      { json: { inputs: [size(28)] }, tail: bytes(29) },
      'inputs',
      /29 bytes follow the JSON, the inputs take 28/,
    ],
    ['bytes that no tensor wants', { json: { inputs: [comp] }, tail: bytes(4) }, 'inputs', /4 bytes follow the JSON/],
    [
      'data and bytes',
      { json: { inputs: [{ ...size(28), data: numbers(7) }] }, tail: bytes(28) },
      'inputs[0].data',
      /both data and/,
    ],
    [
      'a length that is no number',
      { json: { inputs: [comp] }, length: 'many' },
      'Inference-Header-Content-Length',
      /"many" is not a length/,
    ],
    ['a negative length', { json: { inputs: [comp] }, length: '-1' }, 'Inference-Header-Content-Length', /"-1"/],
    ['half a length', { json: { inputs: [comp] }, length: '10.5' }, 'Inference-Header-Content-Length', /"10\.5"/],
    [
      'a length in hexadecimal',
      { json: { inputs: [comp] }, length: '0x10' },
      'Inference-Header-Content-Length',
      /"0x10"/,
    ],
    [
      'a length beyond the body',
      { json: { inputs: [comp] }, length: '5000' },
      'Inference-Header-Content-Length',
      /in a body of/,
    ],
    [
      'a length beyond all numbers',
      { json: { inputs: [comp] }, length: '9'.repeat(400) },
      'Inference-Header-Content-Length',
      /"9{32}"/,
    ],
  ];
  for (const [what, body, param, message] of cases) {
    it(what, () => refuses('tiny', body, 400, 'invalid_request', param, message));
  }

  it('a length in the middle of the JSON, or of nothing', async () => {
    for (const length of ['0', '1', '20']) {
      await refuses('tiny', { json: { inputs: [comp] }, length }, 400, 'invalid_json', null);
    }
  });

  it('an id beyond 32 bits, and truths that are neither', async () => {
    const long = {
      ...asBinary([tensor('input_ids', 'INT64', [1, 1], [0]), tensor('attention_mask', 'BOOL', [1, 1], [1])]),
    };
    const wide = Buffer.from(long.tail!);
    wide.writeBigInt64LE(2n ** 62n);
    await refuses('tiny', { ...long, tail: wide }, 400, 'invalid_request', sizeParam, /element 0 of input_ids/);
    const odd = Buffer.from(long.tail!);
    odd[8] = 255;
    await refuses(
      'tiny',
      { ...long, tail: odd },
      400,
      'invalid_request',
      'inputs[1]',
      /element 0 of attention_mask, 255,/,
    );
  });
});

describe('numbers that no vector comes of', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    it(`${value} in a picture, alone or among others`, async () => {
      const good = numbers(PIXELS);
      const rows = tensor('images', 'FP32', [3, 3, SIDE, SIDE], [...good, ...good.with(5, value), ...good]);
      await refuses('tiny', asBinary([rows]), 422, 'vector_not_finite', 'rows[1]', /no finite vector/);
    });
  }

  it('NaN in a composition, infinity in JSON', async () => {
    const nan = tensor('comp_feats', 'FP32', [1, 7], [Number.NaN, ...numbers(6)]);
    await refuses('tiny', asBinary([nan]), 422, 'vector_not_finite', 'rows[0]');
    const json = JSON.stringify({ inputs: [{ ...comp, data: [8, ...numbers(6)] }] }).replace('[8,', '[1e999,');
    await refuses('tiny', { json }, 422, 'vector_not_finite', 'rows[0]');
  });

  it('NaN in the modality mask', async () => {
    const inputs = [
      tensor('comp_feats', 'FP32', [1, 7], numbers(7)),
      tensor('modality_mask', 'FP32', [1, 3], [Number.NaN, 0, 1]),
    ];
    await refuses('tiny', asBinary(inputs), 400, 'invalid_request', 'inputs[1]', /element 0 of modality_mask, NaN,/);
  });
});

describe('bodies', () => {
  const good = JSON.stringify({ inputs: [comp] });
  const cases: readonly [string, unknown, number, string, string | null][] = [
    ['that are empty', '', 400, 'invalid_json', null],
    ['that are no JSON', 'inputs: []', 400, 'invalid_json', null],
    ['that are cut off', good.slice(0, -3), 400, 'invalid_json', null],
    ['with something behind', `${good} x`, 400, 'invalid_json', null],
    ['with NaN, which JSON does not know', good.replace('[0,', '[NaN,'), 400, 'invalid_json', null],
    ['that are null', null, 400, 'invalid_request', null],
    ['that are a list', [{ inputs: [comp] }], 400, 'invalid_request', null],
    ['that are a text', '"inputs"', 400, 'invalid_request', null],
    ['that are a number', 7, 400, 'invalid_request', null],
    ['without inputs', {}, 400, 'invalid_request', 'inputs'],
    ['with no inputs', { inputs: [] }, 400, 'invalid_request', 'inputs'],
    ['whose inputs are null', { inputs: null }, 400, 'invalid_request', 'inputs'],
    ['whose inputs are by name', { inputs: { comp_feats: comp } }, 400, 'invalid_request', 'inputs'],
    ['whose input is null', { inputs: [comp, null] }, 400, 'invalid_request', 'inputs[1]'],
    ['whose id is a number', { id: 7, inputs: [comp] }, 400, 'invalid_request', 'id'],
    ['whose outputs are null', { inputs: [comp], outputs: null }, 400, 'invalid_request', 'outputs'],
    [
      'whose flag is a text',
      { parameters: { binary_data_output: 'true' }, inputs: [comp] },
      400,
      'invalid_request',
      'parameters.binary_data_output',
    ],
    ['whose inputs come by __proto__', `{"__proto__":${good}}`, 400, 'invalid_request', 'inputs'],
    [
      'whose data comes by __proto__',
      JSON.stringify({ inputs: [comp] }).replace('"data":', '"__proto__":{},"DATA":'),
      400,
      'invalid_request',
      'inputs[0].data',
    ],
    [
      'whose size comes by __proto__',
      good.replace(/"data":\[.*?\]/, '"parameters":{"__proto__":{"binary_data_size":28}}'),
      400,
      'invalid_request',
      'inputs[0].data',
    ],
    ['of brackets without end', '['.repeat(50_000), 400, 'invalid_json', null],
    [
      'nested far down',
      { inputs: [{ ...comp, data: JSON.parse('['.repeat(40) + ']'.repeat(40)) }] },
      400,
      'invalid_json',
      null,
    ],
    [
      'of too many values',
      { inputs: [{ ...comp, shape: [200, 7], data: numbers(1400) }] },
      413,
      'too_many_items',
      null,
    ],
    ['of too many values, where nobody looks', { inputs: [comp], notes: numbers(1400) }, 413, 'too_many_items', null],
    ['over the limit', { inputs: [comp], notes: 'x'.repeat(200_000) }, 413, 'body_too_large', null],
  ];
  for (const [what, json, status, code, param] of cases) it(what, () => refuses('tiny', { json }, status, code, param));

  it('of too many rows', async () => {
    const rows = tensor('comp_feats', 'FP32', [5, 7], numbers(35));
    await refuses(
      'tiny',
      { json: { inputs: [asJson(rows)] } },
      413,
      'too_many_items',
      'inputs[0].shape',
      /5 items, over 4/,
    );
    await refuses('tiny', asBinary([rows]), 413, 'too_many_items', 'inputs[0].shape', /5 items, over 4/);
  });

  it('whose __proto__ nobody asks about change nothing', async () => {
    const json = good.replace('{', '{"__proto__":{"id":"x","outputs":[{"name":"pooled"}]},');
    const response = await postOpen(service.address, 'tiny', { json });
    assert.equal(response.status, 200);
    const answer = (await response.json()) as { id?: string };
    assert.equal(answer.id, undefined);
    assert.equal(({} as { id?: string }).id, undefined);
  });

  it('of a type that is not taken', async () => {
    for (const type of [
      'text/plain',
      'image/png',
      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencoded',
    ]) {
      await refuses(
        'tiny',
        { json: { inputs: [comp] }, type },
        415,
        'unsupported_media_type',
        null,
        /application\/json/,
      );
    }
  });

  it('without any type are taken', async () => {
    const body = Buffer.from(good);
    const response = await fetch(`${service.address}/v2/models/tiny/infer`, { method: 'POST', body });
    assert.equal(response.status, 200, await response.text());
  });

  it('to no model, or another version', async () => {
    await refuses('nobody', { json: { inputs: [comp] } }, 404, 'model_not_found', 'model', /no model "nobody"/);
    await refuses('tiny/versions/2', { json: { inputs: [comp] } }, 404, 'model_not_found', 'model', /"tiny@2"/);
    await refuses('tiny/versions/latest', { json: { inputs: [comp] } }, 404, 'model_not_found', 'model');
  });
});

describe('the place', () => {
  for (const place of ['/v2/models/tiny/infer', '/v2/models/tiny/versions/1/infer']) {
    it(`GET ${place} is not allowed: 405`, async () => {
      const response = await fetch(service.address + place);
      assert.equal(response.headers.get('allow'), 'POST');
      await assertOpenRefused(response, 405, 'method_not_allowed', null);
    });
  }
});

describe('more rows than a process could hold', () => {
  it('are refused by their number, before each becomes a panel', async () => {
    const small = { PANELVEC_HOME: tiny.home, PANELVEC_MODELS: 'tiny', NODE_OPTIONS: '--max-old-space-size=100' };
    const { child, address, ended } = await spawnService({ ...small, LOG_LEVEL: 'info' });
    try {
      const rows = 1_000_000;
      const json = {
        inputs: [
          { name: 'input_ids', datatype: 'INT32', shape: [rows, 1], parameters: { binary_data_size: 4 * rows } },
          { name: 'attention_mask', datatype: 'BOOL', shape: [rows, 1], parameters: { binary_data_size: rows } },
        ],
      };
      const response = await postOpen(address, 'tiny', { json, tail: Buffer.alloc(5 * rows) });
      await assertOpenRefused(response, 413, 'too_many_items', 'inputs[0].shape');
    } finally {
      child.kill('SIGTERM');
      await ended;
    }
  });
});
