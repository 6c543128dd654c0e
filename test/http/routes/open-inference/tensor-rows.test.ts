import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { drawPanel, toDataUri } from '../../../support/images.ts';
import { readInferResponse } from '../../../support/infer-client.ts';
import {
  assertInferRefused,
  type InferDatatype,
  postInfer,
  type TensorWithValues,
  tensor,
  toBinaryBody,
} from '../../../support/infer-requests.ts';
import { maxDifference } from '../../../support/numeric.ts';
import { postJson } from '../../../support/strict-service.ts';
import {
  infer,
  inferOutputs,
  MAX_BATCH,
  makePanelTensors,
  SIDES,
  service,
  sliceRow,
  type TestModel,
  textTensors,
  withValues,
} from './open-inference-service.ts';

describe('many rows', () => {
  for (const model of ['tiny', 'two', 'both'] as const) {
    it(`${model}: each row has the same vectors as alone, to the last bit`, async () => {
      const count = 2 * MAX_BATCH + 3;
      const all = makePanelTensors(model, count);
      const present = withValues(
        all.present,
        all.present.values.map((_, i) => Number(i % 3 === 2 || i % 5 !== 0)),
      );
      const together = await inferOutputs(model, Object.values({ ...all, present }));
      for (let row = 0; row < count; row++) {
        const alone = Object.values({ ...all, present }).map((given): TensorWithValues => {
          const width = given.values.length / count;
          return {
            ...given,
            shape: [1, ...given.shape.slice(1)],
            values: given.values.slice(row * width, (row + 1) * width),
          };
        });
        for (const [name, values] of Object.entries(await inferOutputs(model, alone))) {
          assert.deepEqual(values, sliceRow(together[name]!, row, count), `${name} of row ${row}`);
        }
      }
    });
  }
});

describe('masked modalities', () => {
  const garbage = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3e38, 0];
  const maskedInputs = [
    ['images', [0, 1, 1]],
    ['comp', [1, 1, 0]],
  ] as const;

  for (const [name, row] of maskedInputs) {
    it(`present mode: masked ${name} has no effect, whatever it is`, async () => {
      const all = makePanelTensors('tiny', 3);
      const present = withValues(all.present, [1, 1, 1, ...row, 1, 1, 1]);
      const fused = (given: TensorWithValues) =>
        inferOutputs('tiny', Object.values({ ...all, [name]: given, present }), ['fused', 'gate_weights']);
      const expected = await fused(all[name]);
      const width = all[name].values.length / 3;
      for (const value of garbage) {
        const filled = all[name].values.map((original, i) => (Math.floor(i / width) === 1 ? value : original));
        assert.deepEqual(await fused(withValues(all[name], filled)), expected, String(value));
        const one = all[name].values.with(width, value);
        assert.deepEqual(await fused(withValues(all[name], one)), expected, `one ${value}`);
      }
    });

    it(`reference mode: masked ${name} has an effect, as in the original PyTorch code`, async () => {
      for (const model of ['two', 'both'] as const) {
        const all = makePanelTensors(model, 1);
        const present = withValues(all.present, row);
        const body = (value: number) => {
          const given = withValues(all[name], all[name].values.with(0, value));
          return toBinaryBody(Object.values({ ...all, [name]: given, present }), { outputs: [{ name: 'fused' }] });
        };
        const [own, other] = await Promise.all([infer(model, body(0)), infer(model, body(5))]);
        assert.ok(maxDifference(own.outputs['fused']!, other.outputs['fused']!) > 1e-5, model);
        const nan = await postInfer(service.address, model, body(Number.NaN));
        await assertInferRefused(nan, 422, 'vector_not_finite', 'rows[0]');
      }
    });
  }

  it('a masked text has no effect in present mode, and has one in reference mode', async () => {
    for (const model of ['tiny', 'both'] as const) {
      const all = makePanelTensors(model, 1);
      const present = withValues(all.present, [1, 0, 1]);
      const fused = async (ids: readonly number[]) => {
        const [given, mask] = textTensors(ids);
        return (await inferOutputs(model, Object.values({ ...all, ids: given!, mask: mask!, present }), ['fused']))[
          'fused'
        ]!;
      };
      const difference = maxDifference(await fused([1, 2, 3]), await fused([30, 31]));
      assert.equal(difference === 0, model === 'tiny', `${model}: ${difference}`);
    }
  });

  it('their own vectors are in the response all the same', async () => {
    const all = makePanelTensors('tiny', 1);
    const masked = await inferOutputs('tiny', Object.values({ ...all, present: withValues(all.present, [0, 0, 1]) }));
    const open = await inferOutputs('tiny', Object.values(all));
    for (const name of ['vision', 'text', 'composition']) assert.deepEqual(masked[name], open[name]);
    assert.notDeepEqual(masked['fused'], open['fused']);
  });
});

describe('texts', () => {
  const words = [7, 3, 19, 4];
  const vectors = (model: TestModel, ids: readonly number[], looked?: readonly number[]) =>
    inferOutputs(model, textTensors(ids, looked), ['text', 'fused']);
  const padTokens = (count: number, left: boolean, paddingId: number) => {
    const places = Array<number>(count).fill(paddingId);
    return [
      left ? [...places, ...words] : [...words, ...places],
      Array.from({ length: count + words.length }, (_, position) =>
        Number(left ? position >= count : position < words.length),
      ),
    ] as const;
  };

  for (const model of ['tiny', 'both'] as const) {
    it(`${model}: padding after a text changes no bit, whatever its length and ids`, async () => {
      const expected = await vectors(model, words);
      for (const places of [1, 12, 13, 20]) {
        for (const filler of [0, 5, -1, 199, 2 ** 31 - 1]) {
          assert.deepEqual(
            await vectors(model, ...padTokens(places, false, filler)),
            expected,
            `${places} of ${filler}`,
          );
        }
      }
    });

    it(`${model}: tokens without attention, before or between others, have no effect`, async () => {
      const holes = [1, 0, 1, 1, 0, 1];
      const withHoles = (filler: number) => [7, filler, 3, 19, filler, 4];
      const [front, between] = [
        await vectors(model, ...padTokens(3, true, 0)),
        await vectors(model, withHoles(0), holes),
      ];
      for (const paddingId of [5, -7, 2 ** 31 - 1]) {
        assert.deepEqual(await vectors(model, ...padTokens(3, true, paddingId)), front);
        assert.deepEqual(await vectors(model, withHoles(paddingId), holes), between);
      }
      // The tiny encoder is a mean of words; BERT knows where they stand.
      const expected = await vectors(model, words);
      for (const { text: own } of [front, between]) {
        const difference = maxDifference(own!, expected['text']!);
        assert.ok(model === 'tiny' ? difference < 1e-6 : difference > 1e-4, `off by ${difference}`);
      }
    });
  }

  it('of one request may have different lengths', async () => {
    const rows = Array.from({ length: 24 }, (_, row) =>
      Array.from({ length: 24 }, (_, column) => Number(column <= row)),
    );
    const ids = tensor(
      'input_ids',
      'INT64',
      [24, 24],
      rows.flatMap((row) => row.map((_, column) => 1 + (column % 30))),
    );
    const together = await inferOutputs(
      'tiny',
      [ids, tensor('attention_mask', 'INT64', [24, 24], rows.flat())],
      ['text'],
    );
    for (const [row, attention] of rows.entries()) {
      const alone = await inferOutputs('tiny', textTensors(ids.values.slice(0, 24), attention), ['text']);
      assert.deepEqual(alone['text'], sliceRow(together['text']!, row, 24));
    }
  });

  it('have the same vectors as ids and as text', async () => {
    const { body } = await postJson(service.address, '/text', { input: 'bad cafe', outputs: ['text', 'fused'] });
    const letters = [...'abcdefghijklmnopqrstuvwxyz .,!?'];
    const own = await vectors(
      'tiny',
      [...'bad cafe'].map((letter) => 1 + letters.indexOf(letter)),
    );
    assert.deepEqual([...own['text']!], body.data[0].outputs.text.map(Math.fround));
    assert.deepEqual([...own['fused']!], body.data[0].outputs.fused.map(Math.fround));
  });
});

describe('texts without a known token that has attention', () => {
  const images = (count: number) => makePanelTensors('tiny', count).images;
  const texts = (
    rows: readonly (readonly number[])[],
    attention: readonly (readonly number[])[],
    datatype: InferDatatype = 'INT64',
  ) => [
    tensor('input_ids', 'INT64', [rows.length, rows[0]!.length], rows.flat()),
    tensor('attention_mask', datatype, [rows.length, rows[0]!.length], attention.flat()),
  ];
  const inferTiny = (tensors: readonly TensorWithValues[]) => infer('tiny', toBinaryBody(tensors));

  for (const datatype of ['INT64', 'INT32', 'UINT8', 'BOOL', 'FP32', 'FP64'] as const) {
    it(`are absent from their rows alone, with a mask of ${datatype}`, async () => {
      const ids = [
        [7, 3, 19],
        [7, 3, 19],
        [7, 3, 19],
      ];
      const attention = [
        [1, 1, 1],
        [0, 0, 0],
        [1, 0, 1],
      ];
      const { outputs } = await inferTiny([images(3), ...texts(ids, attention, datatype)]);
      const pictures = (await inferTiny([images(3)])).outputs;
      const row = (rows: Float32Array | undefined, index: number) => [...sliceRow(rows!, index, 3)];
      assert.deepEqual(row(outputs['fused'], 1), row(pictures['fused'], 1));
      assert.deepEqual(row(outputs['gate_weights'], 1), [1, 0, 0]);
      assert.ok(row(outputs['text'], 1).every((value) => value === 0));
      for (const index of [0, 2]) {
        assert.ok(row(outputs['gate_weights'], index)[1]! > 0.01, `row ${index}`);
        assert.ok(row(outputs['text'], index).some((value) => value !== 0));
      }
    });
  }

  it('are absent where the vocabulary knows no token, as texts are, and a header names the rows', async () => {
    const ids = [
      [0, 0],
      [7, 3],
      [0, 30],
    ];
    const attention = ids.map(() => [1, 1]);
    const response = await postInfer(service.address, 'tiny', toBinaryBody([images(3), ...texts(ids, attention)]));
    assert.equal(response.headers.get('x-panelvec-unknown-text'), '0,2');
    const { outputs } = await readInferResponse(response);
    const pictures = (await inferTiny([images(3)])).outputs;
    for (const row of [0, 2])
      assert.deepEqual(sliceRow(outputs['fused']!, row, 3), sliceRow(pictures['fused']!, row, 3));
  });

  it('are refused where nothing else is in their row', async () => {
    const alone = await postInfer(service.address, 'tiny', toBinaryBody(textTensors([7, 3], [0, 0])));
    await assertInferRefused(alone, 400, 'invalid_request', 'inputs[1]');
    const hidden = withValues(makePanelTensors('tiny', 1).present, [0, 1, 0]);
    const masked = [images(1), ...textTensors([0, 0]), hidden];
    await assertInferRefused(
      await postInfer(service.address, 'tiny', toBinaryBody(masked)),
      400,
      'invalid_request',
      'inputs[2]',
    );
  });

  for (const model of ['two', 'both'] as const) {
    it(`${model}: are the empty text in reference mode, as in the original, also without a tokenizer`, async () => {
      const fused = async (tensors: readonly TensorWithValues[]) =>
        (await inferOutputs(model, tensors, ['fused']))['fused'];
      const pictures = makePanelTensors(model, 1).images;
      assert.deepEqual(await fused([pictures, ...textTensors([7, 3], [0, 0])]), await fused([pictures]));
      const { outputs } = await infer(model, toBinaryBody(textTensors([7, 3], [0, 0])));
      assert.ok(outputs['fused']!.every(Number.isFinite) && outputs['text']!.every((value) => value === 0));
    });
  }
});

describe('images', () => {
  const normalisations = {
    tiny: { mean: [0, 0, 0], std: [1, 0.5, 1] },
    two: { mean: [0, 0, 0], std: [1, 0.5, 1] },
    both: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  } as const;

  /** A picture that needs no resizing, and its pixels normalised by hand, channels first. */
  async function makeImage(model: TestModel, number: number) {
    const [side, { mean, std }] = [SIDES[model], normalisations[model]];
    const png = await drawPanel(number, side, side).png().toBuffer();
    const { data } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    const pixels = Array.from({ length: data.length }, (_, i) => {
      const channel = Math.floor(i / side ** 2);
      return (data[3 * (i % side ** 2) + channel]! / 255 - mean[channel]!) / std[channel]!;
    });
    return { png, tensor: tensor('images', 'FP32', [1, 3, side, side], pixels) };
  }

  for (const model of ['tiny', 'two', 'both'] as const) {
    it(`${model}: have the same vectors as files and as pixels that the caller has normalised`, async () => {
      for (const number of [1, 2, 3]) {
        const { png, tensor: images } = await makeImage(model, number);
        const panel = { model, outputs: ['vision', 'fused'], input: [{ image: toDataUri(png) }] };
        // Both at a time, so that bytes and floats share a batch.
        const [{ body, status }, own] = await Promise.all([
          postJson(service.address, '/panel', panel),
          inferOutputs(model, [images], ['vision', 'fused']),
        ]);
        assert.equal(status, 200, JSON.stringify(body));
        for (const name of ['vision', 'fused']) {
          const difference = maxDifference(own[name]!, body.data[0].outputs[name]);
          assert.ok(difference < 1e-5, `${name} is off by ${difference}`);
        }
        assert.deepEqual(await inferOutputs(model, [images], ['vision', 'fused']), own);
      }
    });
  }
});
