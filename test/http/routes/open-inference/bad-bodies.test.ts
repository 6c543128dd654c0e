import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  assertInferRefused,
  type InferBody,
  postInfer,
  tensor,
  toBinaryBody,
  toJsonTensor,
} from '../../../support/infer-requests.ts';
import { spawnService } from '../../../support/service-process.ts';
import {
  assertRefusedAndServing,
  comp,
  numbers,
  service,
  tiny,
  withBinarySize,
} from './strict-open-inference-service.ts';

describe('binary tensors that do not fit', () => {
  const bytes = (count: number) => Buffer.alloc(count);
  const sizeParam = 'inputs[0].parameters.binary_data_size';
  const cases: readonly [string, InferBody, string, RegExp][] = [
    [
      'a size that is too small',
      { json: { inputs: [withBinarySize(24)] }, binary: bytes(24) },
      sizeParam,
      /takes 28 bytes, not 24/,
    ],
    [
      'a size that is too large',
      { json: { inputs: [withBinarySize(32)] }, binary: bytes(32) },
      sizeParam,
      /takes 28 bytes, not 32/,
    ],
    [
      'a size without bytes',
      { json: { inputs: [withBinarySize(28)] }, binary: bytes(0) },
      sizeParam,
      /takes 28 bytes, not 0/,
    ],
    [
      'a body that ends too soon',
      { json: { inputs: [withBinarySize(28)] }, binary: bytes(27) },
      sizeParam,
      /takes 28 bytes, not 27/,
    ],
    ['a size of zero', { json: { inputs: [withBinarySize(0)] } }, sizeParam, /takes 28 bytes, not 0/],
    ['a negative size', { json: { inputs: [withBinarySize(-28)] }, binary: bytes(28) }, sizeParam, /./],
    ['half a byte', { json: { inputs: [withBinarySize(27.5)] }, binary: bytes(28) }, sizeParam, /./],
    ['a size as text', { json: { inputs: [withBinarySize('28')] }, binary: bytes(28) }, sizeParam, /number/],
    [
      'a size that is null',
      { json: { inputs: [withBinarySize(null)] }, binary: bytes(28) },
      'inputs[0].data',
      /no data/,
    ],
    [
      'the largest size',
      { json: { inputs: [withBinarySize(2 ** 53 - 1)] }, binary: bytes(28) },
      'inputs',
      /28 bytes follow the JSON/,
    ],
    [
      'bytes left over',
      { json: { inputs: [withBinarySize(28)] }, binary: bytes(29) },
      'inputs',
      /29 bytes follow the JSON, the inputs take 28/,
    ],
    [
      'bytes that belong to no tensor',
      { json: { inputs: [comp] }, binary: bytes(4) },
      'inputs',
      /4 bytes follow the JSON/,
    ],
    [
      'data and bytes',
      { json: { inputs: [{ ...withBinarySize(28), data: numbers(7) }] }, binary: bytes(28) },
      'inputs[0].data',
      /both data and/,
    ],
    [
      'a length that is not a number',
      { json: { inputs: [comp] }, jsonLength: 'many' },
      'Inference-Header-Content-Length',
      /"many" is not a length/,
    ],
    ['a negative length', { json: { inputs: [comp] }, jsonLength: '-1' }, 'Inference-Header-Content-Length', /"-1"/],
    ['half a length', { json: { inputs: [comp] }, jsonLength: '10.5' }, 'Inference-Header-Content-Length', /"10\.5"/],
    [
      'a length in hexadecimal',
      { json: { inputs: [comp] }, jsonLength: '0x10' },
      'Inference-Header-Content-Length',
      /"0x10"/,
    ],
    [
      'a length beyond the body',
      { json: { inputs: [comp] }, jsonLength: '5000' },
      'Inference-Header-Content-Length',
      /in a body of/,
    ],
    [
      'a length that is too large for a number',
      { json: { inputs: [comp] }, jsonLength: '9'.repeat(400) },
      'Inference-Header-Content-Length',
      /"9{32}"/,
    ],
  ];
  for (const [name, body, param, message] of cases) {
    it(name, () => assertRefusedAndServing('tiny', body, 400, 'invalid_request', param, message));
  }

  it('a length that ends inside the JSON, or is zero', async () => {
    for (const length of ['0', '1', '20']) {
      await assertRefusedAndServing(
        'tiny',
        { json: { inputs: [comp] }, jsonLength: length },
        400,
        'invalid_json',
        null,
      );
    }
  });

  it('an id beyond 32 bits, and booleans other than 0 and 1', async () => {
    const long = {
      ...toBinaryBody([tensor('input_ids', 'INT64', [1, 1], [0]), tensor('attention_mask', 'BOOL', [1, 1], [1])]),
    };
    const wide = Buffer.from(long.binary!);
    wide.writeBigInt64LE(2n ** 62n);
    await assertRefusedAndServing(
      'tiny',
      { ...long, binary: wide },
      400,
      'invalid_request',
      sizeParam,
      /element 0 of input_ids/,
    );
    const invalidMask = Buffer.from(long.binary!);
    invalidMask[8] = 255;
    await assertRefusedAndServing(
      'tiny',
      { ...long, binary: invalidMask },
      400,
      'invalid_request',
      'inputs[1]',
      /element 0 of attention_mask, 255,/,
    );
  });
});

describe('bodies', () => {
  const good = JSON.stringify({ inputs: [comp] });
  const cases: readonly [string, unknown, number, string, string | null][] = [
    ['that are empty', '', 400, 'invalid_json', null],
    ['that are not JSON', 'inputs: []', 400, 'invalid_json', null],
    ['that are cut off', good.slice(0, -3), 400, 'invalid_json', null],
    ['with text after the JSON', `${good} x`, 400, 'invalid_json', null],
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
    ['whose output is null', { inputs: [comp], outputs: [null] }, 400, 'invalid_request', 'outputs[0]'],
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
      'nested too deep',
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
    ['of too many values in an unknown field', { inputs: [comp], notes: numbers(1400) }, 413, 'too_many_items', null],
    ['over the limit', { inputs: [comp], notes: 'x'.repeat(200_000) }, 413, 'body_too_large', null],
  ];
  for (const [name, json, status, code, param] of cases)
    it(name, () => assertRefusedAndServing('tiny', { json }, status, code, param));

  it('of too many rows', async () => {
    const rows = tensor('comp_feats', 'FP32', [5, 7], numbers(35));
    await assertRefusedAndServing(
      'tiny',
      { json: { inputs: [toJsonTensor(rows)] } },
      413,
      'too_many_items',
      'inputs[0].shape',
      /5 items exceed the limit of 4/,
    );
    await assertRefusedAndServing(
      'tiny',
      toBinaryBody([rows]),
      413,
      'too_many_items',
      'inputs[0].shape',
      /5 items exceed the limit of 4/,
    );
  });

  it('with an unknown __proto__ change nothing', async () => {
    const json = good.replace('{', '{"__proto__":{"id":"x","outputs":[{"name":"pooled"}]},');
    const response = await postInfer(service.address, 'tiny', { json });
    assert.equal(response.status, 200);
    const result = (await response.json()) as { id?: string };
    assert.equal(result.id, undefined);
    assert.equal(({} as { id?: string }).id, undefined);
  });

  it('of a media type that is not accepted', async () => {
    for (const type of ['image/png', 'multipart/form-data; boundary=x', 'text/html', 'nonsense']) {
      await assertRefusedAndServing(
        'tiny',
        { json: { inputs: [comp] }, contentType: type },
        415,
        'unsupported_media_type',
        null,
        /application\/json/,
      );
    }
  });

  it('without a media type are accepted', async () => {
    const body = Buffer.from(good);
    const response = await fetch(`${service.address}/v2/models/tiny/infer`, { method: 'POST', body });
    assert.equal(response.status, 200, await response.text());
  });

  it('for an unknown model or version', async () => {
    await assertRefusedAndServing(
      'nobody',
      { json: { inputs: [comp] } },
      404,
      'model_not_found',
      'model',
      /no model "nobody"/,
    );
    await assertRefusedAndServing(
      'tiny/versions/2',
      { json: { inputs: [comp] } },
      404,
      'model_not_found',
      'model',
      /"tiny@2"/,
    );
    await assertRefusedAndServing(
      'tiny/versions/latest',
      { json: { inputs: [comp] } },
      404,
      'model_not_found',
      'model',
    );
  });
});

describe('more tensors than the model has', () => {
  it('are refused by their number, before any is checked', async () => {
    const manyTensors = Array.from({ length: 300 }, () => ({}));
    await assertRefusedAndServing(
      'tiny',
      { json: { inputs: manyTensors } },
      400,
      'invalid_request',
      'inputs',
      /300 inputs: there are 5/,
    );
    const outputs = { json: { inputs: [comp], outputs: manyTensors } };
    await assertRefusedAndServing('tiny', outputs, 400, 'invalid_request', 'outputs', /300 outputs: there are 6/);
  });
});

describe('the path of inference', () => {
  for (const path of ['/v2/models/tiny/infer', '/v2/models/tiny/versions/1/infer']) {
    it(`GET ${path} is not allowed: 405`, async () => {
      const response = await fetch(service.address + path);
      assert.equal(response.headers.get('allow'), 'POST');
      await assertInferRefused(response, 405, 'method_not_allowed', null);
    });
  }
});

describe('more rows than a process could hold', () => {
  it('are refused by their number, before each becomes a panel', async () => {
    const small = { PANELVEC_HOME: tiny.home, PANELVEC_MODELS: 'tiny', NODE_OPTIONS: '--max-old-space-size=100' };
    const { child, address, exited: ended } = await spawnService({ ...small, LOG_LEVEL: 'info' });
    try {
      const rows = 1_000_000;
      const json = {
        inputs: [
          { name: 'input_ids', datatype: 'INT32', shape: [rows, 1], parameters: { binary_data_size: 4 * rows } },
          { name: 'attention_mask', datatype: 'BOOL', shape: [rows, 1], parameters: { binary_data_size: rows } },
        ],
      };
      const response = await postInfer(address, 'tiny', { json, binary: Buffer.alloc(5 * rows) });
      await assertInferRefused(response, 413, 'too_many_items', 'inputs[0].shape');
    } finally {
      child.kill('SIGTERM');
      await ended;
    }
  });
});
