import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VERSION } from '../../../src/version.ts';
import { maxDifference } from '../../support/numbers.ts';
import { inferJson, type OpenTensor } from '../../support/open-inference.ts';
import { asBinary, asJson, assertOpenRefused, type FullTensor } from '../../support/open-tensors.ts';
import { get, infer, outputsOf, panels, SIDES, service, text, withValues } from './open-service.ts';

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
