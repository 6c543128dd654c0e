import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertInferRefused, postInfer, tensor, toBinaryBody, toJsonTensor } from '../../../support/infer-requests.ts';
import {
  assertRefusedAndServing,
  comp,
  expectedResponse,
  ids,
  images,
  mask,
  numbers,
  PIXELS,
  postGoodRequest,
  present,
  SIDE,
  service,
  twoRows,
} from './strict-open-inference-service.ts';

describe('tensors that do not fit', () => {
  const cases: readonly [string, unknown[], string, RegExp][] = [
    ['an unknown name', [{ ...comp, name: 'pixels' }], 'inputs[0].name', /no input "pixels"; there is images/],
    ['a name that objects have', [{ ...comp, name: 'constructor' }], 'inputs[0].name', /no input "constructor"/],
    ['__proto__ as a name', [{ ...comp, name: '__proto__' }], 'inputs[0].name', /no input "__proto__"/],
    ['a name that is not a text', [{ ...comp, name: 7 }], 'inputs[0].name', /string/],
    ['a tensor without a name', [{ ...comp, name: undefined }], 'inputs[0].name', /string/],
    ['twice the same', [comp, ids, mask, comp], 'inputs[3].name', /comp_feats is given twice/],
    ['a type that is not known', [{ ...comp, datatype: 'FP16' }], 'inputs[0].datatype', /FP32/],
    [
      'half of attention',
      [ids, { ...mask, datatype: 'FP32', data: [1, 0.5, 0] }],
      'inputs[1]',
      /element 1 of attention_mask, 0.5, is neither 0 nor 1/,
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
      'more tokens than the model takes',
      [textTensor(25, 'input_ids'), textTensor(25, 'attention_mask')],
      'inputs[0].shape',
      /25 places, the model takes 24/,
    ],
    ['too few elements', [{ ...comp, data: numbers(6) }], 'inputs[0].data', /takes 7 elements, not 6/],
    ['too many elements', [{ ...comp, data: numbers(8) }], 'inputs[0].data', /takes 7 elements, not 8/],
    ['no elements', [{ ...comp, data: [] }], 'inputs[0].data', /takes 7 elements, not 0/],
    ['no data', [{ ...comp, data: undefined }], 'inputs[0].data', /comp_feats has no data/],
    ['data that is a text', [{ ...comp, data: '0,0,0,0,0,0,0' }], 'inputs[0].data', /array/],
    ['data that is an object', [{ ...comp, data: { length: 7 } }], 'inputs[0].data', /array/],
    ['data that is null', [{ ...comp, data: null }], 'inputs[0].data', /no data/],
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
  for (const [name, inputs, param, message] of cases) {
    it(name, () => assertRefusedAndServing('tiny', { json: { inputs } }, 400, 'invalid_request', param, message));
  }
});

function textTensor(tokenCount: number, name: string) {
  return toJsonTensor(tensor(name, 'INT64', [1, tokenCount], Array(tokenCount).fill(1)));
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
  for (const [name, inputs, param, message] of cases) {
    it(name, () => assertRefusedAndServing('tiny', { json: { inputs } }, 400, 'invalid_request', param, message));
  }

  it('an id beyond the vocabulary, in JSON and as binary', async () => {
    const texts = [tensor('input_ids', 'INT64', [1, 2], [199, 200]), tensor('attention_mask', 'INT64', [1, 2], [1, 1])];
    const expected = [400, 'invalid_request', 'inputs[0]', /element 1 of input_ids, 200, is not in the voc/] as const;
    await assertRefusedAndServing('both', { json: { inputs: texts.map(toJsonTensor) } }, ...expected);
    await assertRefusedAndServing('both', toBinaryBody(texts), ...expected);
  });

  it('an id that only the encoder refuses fails alone, whatever is in the same batch', async () => {
    const unknown = { json: { inputs: [{ ...ids, data: [1, 2, 5000] }, mask] } };
    const [refused, ...good] = await Promise.all([
      postInfer(service.address, 'tiny', unknown),
      postGoodRequest(),
      postGoodRequest(),
    ]);
    await assertInferRefused(refused, 422, 'inference_failed', 'rows[0]');
    assert.deepEqual(good, [expectedResponse, expectedResponse]);
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
    [
      'with a flag that is none',
      'tiny',
      [comp],
      [{ name: 'fused', parameters: { binary_data: 'yes' } }],
      'outputs[0].parameters.binary_data',
      /boolean/,
    ],
  ];
  for (const [name, model, inputs, requestedOutputs, param, message] of outputs) {
    it(`an output ${name}`, () =>
      assertRefusedAndServing(
        model,
        { json: { inputs, outputs: requestedOutputs } },
        400,
        'invalid_request',
        param,
        message,
      ));
  }
});

describe('numbers that give no finite vector', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    it(`${value} in an image, alone or among others`, async () => {
      const good = numbers(PIXELS);
      const rows = tensor('images', 'FP32', [3, 3, SIDE, SIDE], [...good, ...good.with(5, value), ...good]);
      await assertRefusedAndServing(
        'tiny',
        toBinaryBody([rows]),
        422,
        'vector_not_finite',
        'rows[1]',
        /no finite vector/,
      );
    });
  }

  it('NaN in a composition, infinity in JSON', async () => {
    const nan = tensor('comp_feats', 'FP32', [1, 7], [Number.NaN, ...numbers(6)]);
    await assertRefusedAndServing('tiny', toBinaryBody([nan]), 422, 'vector_not_finite', 'rows[0]');
    const json = JSON.stringify({ inputs: [{ ...comp, data: [8, ...numbers(6)] }] }).replace('[8,', '[1e999,');
    await assertRefusedAndServing('tiny', { json }, 422, 'vector_not_finite', 'rows[0]');
  });

  it('NaN in the modality mask', async () => {
    const inputs = [
      tensor('comp_feats', 'FP32', [1, 7], numbers(7)),
      tensor('modality_mask', 'FP32', [1, 3], [Number.NaN, 0, 1]),
    ];
    await assertRefusedAndServing(
      'tiny',
      toBinaryBody(inputs),
      400,
      'invalid_request',
      'inputs[1]',
      /element 0 of modality_mask, NaN,/,
    );
  });
});
