import assert from 'node:assert/strict';
import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import type { RunningService } from '../../../src/http/serve.ts';
import { importModel } from '../../../src/model/original/import-model.ts';
import { VERSION } from '../../../src/version.ts';
import { dataUri, drawPanel } from '../../support/images.ts';
import { maxDifference, seeded } from '../../support/numbers.ts';
import { inferJson, type OpenTensor } from '../../support/open-inference.ts';
import {
  asBinary,
  asJson,
  assertOpenRefused,
  type FullTensor,
  type OpenBody,
  postOpen,
  readOpen,
  tensor,
} from '../../support/open-tensors.ts';
import { REFERENCE } from '../../support/reference.ts';
import { postJson } from '../../support/refusals.ts';
import { startService } from '../../support/services.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';

/** `tiny` fuses what is present, from one backbone; `two` and `both` as the original does, from two. */
const SIDES = { tiny: 8, two: 8, both: 64 } as const;
type Model = keyof typeof SIDES;
const MAX_BATCH = 4;

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: RunningService;
before(async () => {
  tiny = await makeTinyModel();
  const models = path.join(tiny.home, 'models');
  const two = await makeTinyModel({ name: 'two', mode: 'reference' });
  await cp(two.folder, path.join(models, 'two'), { recursive: true });
  await two.remove();
  await importModel(models, path.join(REFERENCE, 'both-attention/weights.safetensors'), { name: 'both' });
  service = await startService({
    PANELVEC_HOME: tiny.home,
    PANELVEC_MODELS: Object.keys(SIDES).join(','),
    PANELVEC_MAX_BATCH: String(MAX_BATCH),
  });
});
after(async () => {
  await service.close();
  await rm(tiny.home, { recursive: true });
});

const get = async (place: string) => {
  const response = await fetch(service.address + place);
  return { status: response.status, body: (await response.json()) as unknown };
};

async function infer(model: Model, body: OpenBody) {
  const outcome = await readOpen(await postOpen(service.address, model, body));
  assert.equal(outcome.status, 200, JSON.stringify(outcome.json));
  return outcome;
}
const outputsOf = async (model: Model, tensors: readonly FullTensor[], names?: readonly string[]) =>
  (
    await infer(
      model,
      asBinary(tensors, { outputs: names?.map((name) => ({ name, parameters: { binary_data: true } })) }),
    )
  ).outputs;

/** Everything that `count` panels may have, different in each. */
function panels(
  model: Model,
  count: number,
  seed = 1,
): Record<'images' | 'ids' | 'mask' | 'comp' | 'present', FullTensor> {
  const random = seeded(seed);
  const [side, places] = [SIDES[model], 6];
  const draw = (length: number) => Array.from({ length }, () => Math.fround(random()));
  const lengths = Array.from({ length: count }, (_, row) => 1 + (row % places));
  const looked = lengths.flatMap((length) => Array.from({ length: places }, (_, at) => Number(at < length)));
  return {
    images: tensor('images', 'FP32', [count, 3, side, side], draw(count * 3 * side ** 2)),
    ids: tensor(
      'input_ids',
      'INT64',
      [count, places],
      draw(count * places).map((value) => Math.floor(20 + 15 * value)),
    ),
    mask: tensor('attention_mask', 'INT64', [count, places], looked),
    comp: tensor('comp_feats', 'FP32', [count, 7], draw(count * 7)),
    present: tensor('modality_mask', 'FP32', [count, 3], Array(3 * count).fill(1)),
  };
}

const withValues = (given: FullTensor, values: readonly number[]): FullTensor => ({ ...given, values });
const text = (places: readonly number[], looked: readonly number[] = places.map(() => 1)): FullTensor[] => [
  tensor('input_ids', 'INT64', [1, places.length], places),
  tensor('attention_mask', 'INT64', [1, places.length], looked),
];
const rowOf = (rows: Float32Array, row: number, count: number) => {
  const width = rows.length / count;
  return rows.slice(row * width, (row + 1) * width);
};

describe('places', () => {
  it('tell of the server and its health', async () => {
    const server = { name: 'panelvec', version: VERSION, extensions: ['binary_tensor_data'] };
    assert.deepEqual(await get('/v2'), { status: 200, body: server });
    assert.deepEqual(await get('/v2/health/live'), { status: 200, body: { live: true } });
    assert.deepEqual(await get('/v2/health/ready'), { status: 200, body: { ready: true } });
  });

  for (const [model, weighs] of [
    ['tiny', false],
    ['both', true],
  ] as const) {
    it(`tell of ${model}, with and without its version`, async () => {
      const { status, body } = await get(`/v2/models/${model}`);
      assert.equal(status, 200);
      assert.deepEqual(await get(`/v2/models/${model}/versions/1`), { status, body });
      const { name, versions, inputs, outputs } = body as Record<'inputs' | 'outputs', OpenTensor[]> & {
        name: string;
        versions: string[];
      };
      assert.deepEqual([name, versions], [model, ['1']]);
      const [side, width] = [SIDES[model], model === 'tiny' ? 16 : 64];
      assert.deepEqual(inputs, [
        { name: 'images', datatype: 'FP32', shape: [-1, 3, side, side] },
        { name: 'input_ids', datatype: 'INT64', shape: [-1, -1] },
        { name: 'attention_mask', datatype: 'INT64', shape: [-1, -1] },
        { name: 'comp_feats', datatype: 'FP32', shape: [-1, 7] },
        { name: 'modality_mask', datatype: 'FP32', shape: [-1, 3] },
      ]);
      assert.deepEqual(outputs, [
        ...['fused', 'vision', 'text', 'composition'].map((output) => ({
          name: output,
          datatype: 'FP32',
          shape: [-1, width],
        })),
        { name: 'gate_weights', datatype: 'FP32', shape: [-1, 3] },
        ...(weighs ? [{ name: 'backbone_weights', datatype: 'FP32', shape: [-1, 2] }] : []),
      ]);
      const ready = { status: 200, body: { name: model, ready: true } };
      assert.deepEqual(await get(`/v2/models/${model}/ready`), ready);
      assert.deepEqual(await get(`/v2/models/${model}/versions/1/ready`), ready);
    });
  }

  it("refuse in the protocol's form what is not there", async () => {
    for (const place of [
      '/v2/models/nobody',
      '/v2/models/nobody/ready',
      '/v2/models/tiny/versions/2',
      '/v2/models/tiny/versions/2/ready',
    ]) {
      await assertOpenRefused(
        await fetch(service.address + place),
        404,
        'model_not_found',
        'model',
        /there is no model/,
      );
    }
    for (const place of ['/v2/nothing', '/v2/health', '/v2/models']) {
      await assertOpenRefused(await fetch(service.address + place), 404, 'not_found', null);
    }
    await assertOpenRefused(await fetch(`${service.address}/v2/models/%ZZ`), 400, 'invalid_request', null);
  });
});

describe('forms', () => {
  const nested = ({ shape, ...rest }: OpenTensor): OpenTensor => {
    const fold = (data: readonly unknown[], sizes: readonly number[]): readonly unknown[] =>
      sizes.length < 2
        ? data
        : Array.from({ length: sizes[0]! }, (_, at) => {
            const step = data.length / sizes[0]!;
            return fold(data.slice(at * step, (at + 1) * step), sizes.slice(1));
          });
    return { ...rest, shape, data: fold(rest.data!, shape) };
  };

  for (const model of ['tiny', 'two', 'both'] as const) {
    it(`${model}: nested, flat and binary give the same bytes, each way`, async () => {
      const inputs = Object.values(panels(model, 2));
      const flat = await infer(model, { json: { inputs: inputs.map(asJson) } });
      const expected = [
        'fused',
        'vision',
        'text',
        'composition',
        'gate_weights',
        ...(model === 'tiny' ? [] : ['backbone_weights']),
      ];
      assert.deepEqual(Object.keys(flat.outputs), expected);
      assert.ok(flat.json.outputs.every(({ data, shape }) => data!.length === shape[0]! * shape[1]! && shape[0] === 2));
      const binary = { parameters: { binary_data_output: true } };
      for (const body of [
        { json: { inputs: inputs.map(asJson).map(nested) } },
        { json: { inputs: inputs.map(asJson), ...binary } },
        asBinary(inputs),
        asBinary(inputs, binary),
      ]) {
        assert.deepEqual((await infer(model, body)).outputs, flat.outputs);
      }
    });
  }

  it('some tensors as binary, others in the JSON', async () => {
    const { comp, ids, mask } = panels('tiny', 1);
    const expected = await outputsOf('tiny', [ids, mask, comp]);
    const { json, tail } = asBinary([ids, comp]);
    const [first, last] = (json as { inputs: OpenTensor[] }).inputs;
    const mixed = await infer('tiny', { json: { inputs: [first, asJson(mask), last] }, tail: tail! });
    assert.deepEqual(mixed.outputs, expected);
  });

  it('one output as binary, another in the JSON, in the order asked for', async () => {
    const { comp, images } = panels('tiny', 2);
    const all = await outputsOf('tiny', [comp, images], ['fused', 'vision', 'composition']);
    const asked = [
      { name: 'composition', parameters: { binary_data: false } },
      { name: 'vision' },
      { name: 'fused', parameters: { binary_data: true } },
    ];
    for (const [whole, binary] of [
      [true, [false, true, true]],
      [false, [false, false, true]],
      [undefined, [false, false, true]],
    ] as const) {
      const { json, outputs } = await infer(
        'tiny',
        asBinary([comp, images], { outputs: asked, parameters: { binary_data_output: whole } }),
      );
      assert.deepEqual(
        json.outputs.map(({ name }) => name),
        ['composition', 'vision', 'fused'],
      );
      assert.deepEqual(
        json.outputs.map(({ data }) => data === undefined),
        binary,
      );
      assert.deepEqual({ ...outputs }, { ...all });
    }
  });

  it('id, name and version come back', async () => {
    const { comp } = panels('tiny', 1);
    const { json } = await inferJson(`${service.address}/v2/models/tiny/versions/1/infer`, {
      id: 'Ω-7',
      inputs: [asJson(comp)],
    });
    const { outputs: _, ...rest } = json;
    assert.deepEqual(rest, { model_name: 'tiny', model_version: '1', id: 'Ω-7' });
    assert.ok(!('id' in (await infer('tiny', { json: { inputs: [asJson(comp)] } })).json));
  });

  it('fields and parameters that nobody knows are left alone', async () => {
    const { comp } = panels('tiny', 1);
    const input = { ...asJson(comp), parameters: { priority: 3, shared_memory_region: null }, extra: {} };
    const asked = {
      inputs: [input],
      outputs: [{ name: 'fused', parameters: { classification: 3 } }],
      parameters: { sequence_id: 1 },
      extra: [],
    };
    const { outputs } = await infer('tiny', { json: asked });
    assert.deepEqual(outputs, await outputsOf('tiny', [comp], ['fused']));
  });

  it('other element types of the same numbers', async () => {
    for (const model of ['tiny', 'both'] as const) {
      const { images, ids, mask, comp, present } = panels(model, 3);
      const some = withValues(present, [1, 0, 1, 0, 1, 0, 1, 1, 1]);
      const expected = await outputsOf(model, [images, ids, mask, comp, some]);
      const as = (given: FullTensor, datatype: FullTensor['datatype']) => ({ ...given, datatype });
      const variants = [
        [images, as(ids, 'INT32'), as(mask, 'INT32'), as(comp, 'FP64'), as(some, 'FP64')],
        [images, ids, as(mask, 'BOOL'), comp, as(some, 'BOOL')],
        [images, as(ids, 'INT32'), as(mask, 'UINT8'), comp, as(some, 'UINT8')],
        [as(some, 'INT64'), comp, mask, ids, images],
        [images, ids, mask, comp, as(some, 'INT32')],
      ];
      for (const inputs of variants) {
        assert.deepEqual(await outputsOf(model, inputs), expected);
        assert.deepEqual((await infer(model, { json: { inputs: inputs.map(asJson) } })).outputs, expected);
      }
    }
  });
});

describe('what is left out', () => {
  const subsets = [
    ['images'],
    ['ids', 'mask'],
    ['comp'],
    ['images', 'comp'],
    ['images', 'ids', 'mask'],
    ['ids', 'mask', 'comp'],
  ] as const;
  const column = { images: 0, ids: 1, comp: 2 } as const;
  const outputOf = { images: 'vision', ids: 'text', comp: 'composition' } as const;

  for (const given of subsets) {
    it(`all but ${given.join(', ')} is as if it were masked`, async () => {
      const all = panels('tiny', 2);
      const row = [0, 0, 0];
      for (const name of given) if (name !== 'mask') row[column[name]] = 1;
      const masked = await outputsOf(
        'tiny',
        Object.values({ ...all, present: withValues(all.present, [...row, ...row]) }),
      );
      const alone = await outputsOf(
        'tiny',
        given.map((name) => all[name]),
      );
      const own = given.flatMap((name) => (name === 'mask' ? [] : outputOf[name]));
      assert.deepEqual(Object.keys(alone), [
        'fused',
        ...['vision', 'text', 'composition'].filter((name) => own.includes(name as never)),
        'gate_weights',
      ]);
      for (const [name, values] of Object.entries(alone)) assert.deepEqual(values, masked[name], name);
      assert.ok(
        [0, 1, 2].every(
          (at) => row[at] === 1 || (alone['gate_weights']![at] === 0 && alone['gate_weights']![3 + at] === 0),
        ),
      );
    });
  }

  it('in reference mode counts as a picture of zeros, the empty text and seven zeros', async () => {
    const zeros = (given: FullTensor) =>
      withValues(
        given,
        given.values.map(() => 0),
      );
    const one = panels('both', 1);
    const [ids, mask] = text([101, 102]);
    const absent = { images: [zeros(one.images)], ids: [ids!, mask!], comp: [zeros(one.comp)] };
    for (const name of ['images', 'ids', 'comp'] as const) {
      const others = (['images', 'ids', 'comp'] as const).filter((other) => other !== name);
      const rest = others.flatMap((other) => (other === 'ids' ? [one.ids, one.mask] : [one[other]]));
      const present = withValues(one.present, [1, 1, 1].with(column[name], 0));
      const left = await outputsOf('both', rest, ['fused', 'gate_weights']);
      const masked = await outputsOf('both', [...rest, ...absent[name], present], ['fused', 'gate_weights']);
      for (const output of ['fused', 'gate_weights'])
        assert.ok(maxDifference(left[output]!, masked[output]!) < 1e-6, `${name}: ${output}`);
    }
  });

  it('in reference mode a row may be masked whole', async () => {
    const one = panels('both', 1);
    const { fused } = await outputsOf('both', [one.comp, withValues(one.present, [0, 0, 0])], ['fused']);
    assert.ok(fused!.every(Number.isFinite));
  });
});

describe('many rows', () => {
  for (const model of ['tiny', 'two', 'both'] as const) {
    it(`${model}: each has the vectors that it has alone, to the last bit`, async () => {
      const count = 2 * MAX_BATCH + 3;
      const all = panels(model, count);
      const present = withValues(
        all.present,
        all.present.values.map((_, at) => Number(at % 3 === 2 || at % 5 !== 0)),
      );
      const together = await outputsOf(model, Object.values({ ...all, present }));
      for (let row = 0; row < count; row++) {
        const alone = Object.values({ ...all, present }).map((given): FullTensor => {
          const width = given.values.length / count;
          return {
            ...given,
            shape: [1, ...given.shape.slice(1)],
            values: given.values.slice(row * width, (row + 1) * width),
          };
        });
        for (const [name, values] of Object.entries(await outputsOf(model, alone))) {
          assert.deepEqual(values, rowOf(together[name]!, row, count), `${name} of row ${row}`);
        }
      }
    });
  }
});

describe('masked modalities', () => {
  const garbage = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3e38, 0];
  const slots = [
    ['images', [0, 1, 1]],
    ['comp', [1, 1, 0]],
  ] as const;

  for (const [name, row] of slots) {
    it(`present mode: nothing of masked ${name} gets through, whatever it is`, async () => {
      const all = panels('tiny', 3);
      const present = withValues(all.present, [1, 1, 1, ...row, 1, 1, 1]);
      const fused = (given: FullTensor) =>
        outputsOf('tiny', Object.values({ ...all, [name]: given, present }), ['fused', 'gate_weights']);
      const expected = await fused(all[name]);
      const width = all[name].values.length / 3;
      for (const value of garbage) {
        const filled = all[name].values.map((own, at) => (Math.floor(at / width) === 1 ? value : own));
        assert.deepEqual(await fused(withValues(all[name], filled)), expected, String(value));
        const one = all[name].values.with(width, value);
        assert.deepEqual(await fused(withValues(all[name], one)), expected, `one ${value}`);
      }
    });

    it(`reference mode: masked ${name} gets through, as in the original`, async () => {
      for (const model of ['two', 'both'] as const) {
        const all = panels(model, 1);
        const present = withValues(all.present, row);
        const body = (value: number) => {
          const given = withValues(all[name], all[name].values.with(0, value));
          return asBinary(Object.values({ ...all, [name]: given, present }), { outputs: [{ name: 'fused' }] });
        };
        const [own, other] = await Promise.all([infer(model, body(0)), infer(model, body(5))]);
        assert.ok(maxDifference(own.outputs['fused']!, other.outputs['fused']!) > 1e-5, model);
        const nan = await postOpen(service.address, model, body(Number.NaN));
        await assertOpenRefused(nan, 422, 'vector_not_finite', 'rows[0]');
      }
    });
  }

  it('a masked text is without effect in present mode, and has one in reference mode', async () => {
    for (const model of ['tiny', 'both'] as const) {
      const all = panels(model, 1);
      const present = withValues(all.present, [1, 0, 1]);
      const fused = async (ids: readonly number[]) => {
        const [given, mask] = text(ids);
        return (await outputsOf(model, Object.values({ ...all, ids: given!, mask: mask!, present }), ['fused']))[
          'fused'
        ]!;
      };
      const difference = maxDifference(await fused([1, 2, 3]), await fused([30, 31]));
      assert.equal(difference === 0, model === 'tiny', `${model}: ${difference}`);
    }
  });

  it('their own vectors are given all the same', async () => {
    const all = panels('tiny', 1);
    const masked = await outputsOf('tiny', Object.values({ ...all, present: withValues(all.present, [0, 0, 1]) }));
    const open = await outputsOf('tiny', Object.values(all));
    for (const name of ['vision', 'text', 'composition']) assert.deepEqual(masked[name], open[name]);
    assert.notDeepEqual(masked['fused'], open['fused']);
  });
});

describe('texts', () => {
  const words = [7, 3, 19, 4];
  const vectors = (model: Model, ids: readonly number[], looked?: readonly number[]) =>
    outputsOf(model, text(ids, looked), ['text', 'fused']);
  const padded = (at: number, left: boolean, filler: number) => {
    const places = Array<number>(at).fill(filler);
    return [
      left ? [...places, ...words] : [...words, ...places],
      Array.from({ length: at + words.length }, (_, place) => Number(left ? place >= at : place < words.length)),
    ] as const;
  };

  for (const model of ['tiny', 'both'] as const) {
    it(`${model}: padding behind a text changes no bit, however long and whatever its ids`, async () => {
      const expected = await vectors(model, words);
      for (const places of [1, 12, 13, 20]) {
        for (const filler of [0, 5, -1, 199, 2 ** 31 - 1]) {
          assert.deepEqual(await vectors(model, ...padded(places, false, filler)), expected, `${places} of ${filler}`);
        }
      }
    });

    it(`${model}: places that are not looked at, in front or between, have no say`, async () => {
      const holes = [1, 0, 1, 1, 0, 1];
      const holed = (filler: number) => [7, filler, 3, 19, filler, 4];
      const [front, between] = [await vectors(model, ...padded(3, true, 0)), await vectors(model, holed(0), holes)];
      for (const filler of [5, -7, 2 ** 31 - 1]) {
        assert.deepEqual(await vectors(model, ...padded(3, true, filler)), front);
        assert.deepEqual(await vectors(model, holed(filler), holes), between);
      }
      // The tiny encoder is a mean of words; BERT knows where they stand.
      const expected = await vectors(model, words);
      for (const { text: own } of [front, between]) {
        const far = maxDifference(own!, expected['text']!);
        assert.ok(model === 'tiny' ? far < 1e-6 : far > 1e-4, `off by ${far}`);
      }
    });

    it(`${model}: a text of which nothing is looked at is one and the same, and finite`, async () => {
      const expected = await vectors(model, [0], [0]);
      assert.ok(expected['text']!.every(Number.isFinite));
      assert.deepEqual(await vectors(model, [5, -3, 150], [0, 0, 0]), expected);
    });
  }

  it('of one request may be of all lengths up to the longest', async () => {
    const rows = Array.from({ length: 24 }, (_, row) => Array.from({ length: 24 }, (_, at) => Number(at <= row)));
    const ids = tensor(
      'input_ids',
      'INT64',
      [24, 24],
      rows.flatMap((row) => row.map((_, at) => 1 + (at % 30))),
    );
    const together = await outputsOf('tiny', [ids, tensor('attention_mask', 'INT64', [24, 24], rows.flat())], ['text']);
    for (const [row, looked] of rows.entries()) {
      const alone = await outputsOf('tiny', text(ids.values.slice(0, 24), looked), ['text']);
      assert.deepEqual(alone['text'], rowOf(together['text']!, row, 24));
    }
  });

  it('as ids have the vectors that they have as text', async () => {
    const { body } = await postJson(service.address, '/text', { input: 'bad cafe', outputs: ['text', 'fused'] });
    const letters = [...'abcdefghijklmnopqrstuvwxyz .,!?'];
    const own = await vectors(
      'tiny',
      [...'bad cafe'].map((letter) => 1 + letters.indexOf(letter)),
    );
    assert.deepEqual([...own['text']!], body.data[0].outputs.text);
    assert.deepEqual([...own['fused']!], body.data[0].outputs.fused);
  });
});

describe('images', () => {
  const normalisations = {
    tiny: { mean: [0, 0, 0], std: [1, 0.5, 1] },
    two: { mean: [0, 0, 0], std: [1, 0.5, 1] },
    both: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  } as const;

  /** A picture that needs no resizing, and its pixels normalised by hand, channels first. */
  async function picture(model: Model, number: number) {
    const [side, { mean, std }] = [SIDES[model], normalisations[model]];
    const png = await drawPanel(number, side, side).png().toBuffer();
    const { data } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    const pixels = Array.from({ length: data.length }, (_, at) => {
      const channel = Math.floor(at / side ** 2);
      return (data[3 * (at % side ** 2) + channel]! / 255 - mean[channel]!) / std[channel]!;
    });
    return { png, tensor: tensor('images', 'FP32', [1, 3, side, side], pixels) };
  }

  for (const model of ['tiny', 'two', 'both'] as const) {
    it(`${model}: normalised by the caller they have the vectors of their files`, async () => {
      for (const number of [1, 2, 3]) {
        const { png, tensor: images } = await picture(model, number);
        const panel = { model, outputs: ['vision', 'fused'], input: [{ image: dataUri(png) }] };
        // Both at a time, so that bytes and floats share a batch.
        const [{ body, status }, own] = await Promise.all([
          postJson(service.address, '/panel', panel),
          outputsOf(model, [images], ['vision', 'fused']),
        ]);
        assert.equal(status, 200, JSON.stringify(body));
        for (const name of ['vision', 'fused']) {
          const far = maxDifference(own[name]!, body.data[0].outputs[name]);
          assert.ok(far < 1e-5, `${name} is off by ${far}`);
        }
        assert.deepEqual(await outputsOf(model, [images], ['vision', 'fused']), own);
      }
    });
  }
});
