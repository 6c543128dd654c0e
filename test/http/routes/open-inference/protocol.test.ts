import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VERSION } from '../../../../src/version.ts';
import { type InferTensor, inferJson } from '../../../support/infer-client.ts';
import {
  assertInferRefused,
  type TensorWithValues,
  toBinaryBody,
  toJsonTensor,
} from '../../../support/infer-requests.ts';
import { maxDifference } from '../../../support/numeric.ts';
import {
  get,
  infer,
  inferOutputs,
  makePanelTensors,
  SIDES,
  service,
  textTensors,
  WIDTHS,
  withValues,
} from './open-inference-service.ts';

describe('paths', () => {
  it('describe the server and its health', async () => {
    const server = { name: 'panelvec', version: VERSION, extensions: ['binary_tensor_data'] };
    assert.deepEqual(await get('/v2'), { status: 200, body: server });
    assert.deepEqual(await get('/v2/health/live'), { status: 200, body: { live: true } });
    assert.deepEqual(await get('/v2/health/ready'), { status: 200, body: { ready: true } });
  });

  for (const [model, hasBackboneWeights] of [
    ['tiny', false],
    ['both', true],
  ] as const) {
    it(`describe ${model}, with and without its version`, async () => {
      const { status, body } = await get(`/v2/models/${model}`);
      assert.equal(status, 200);
      assert.deepEqual(await get(`/v2/models/${model}/versions/1`), { status, body });
      const { name, versions, inputs, outputs } = body as Record<'inputs' | 'outputs', InferTensor[]> & {
        name: string;
        versions: string[];
      };
      assert.deepEqual([name, versions], [model, ['1']]);
      const [side, width] = [SIDES[model], WIDTHS[model]];
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
        ...(hasBackboneWeights ? [{ name: 'backbone_weights', datatype: 'FP32', shape: [-1, 2] }] : []),
      ]);
      const ready = { status: 200, body: { name: model, ready: true } };
      assert.deepEqual(await get(`/v2/models/${model}/ready`), ready);
      assert.deepEqual(await get(`/v2/models/${model}/versions/1/ready`), ready);
    });
  }

  it("refuse in the protocol's form what is not there", async () => {
    for (const path of [
      '/v2/models/nobody',
      '/v2/models/nobody/ready',
      '/v2/models/tiny/versions/2',
      '/v2/models/tiny/versions/2/ready',
    ]) {
      await assertInferRefused(
        await fetch(service.address + path),
        404,
        'model_not_found',
        'model',
        /there is no model/,
      );
    }
    for (const path of ['/v2/nothing', '/v2/health', '/v2/models']) {
      await assertInferRefused(await fetch(service.address + path), 404, 'not_found', null);
    }
    await assertInferRefused(await fetch(`${service.address}/v2/models/%ZZ`), 400, 'invalid_request', null);
  });
});

describe('encodings', () => {
  const nested = ({ shape, ...rest }: InferTensor): InferTensor => {
    const nest = (data: readonly unknown[], sizes: readonly number[]): readonly unknown[] =>
      sizes.length < 2
        ? data
        : Array.from({ length: sizes[0]! }, (_, i) => {
            const size = data.length / sizes[0]!;
            return nest(data.slice(i * size, (i + 1) * size), sizes.slice(1));
          });
    return { ...rest, shape, data: nest(rest.data!, shape) };
  };

  for (const model of ['tiny', 'two', 'both'] as const) {
    it(`${model}: nested, flat and binary tensors are equal to the last bit, in requests and responses`, async () => {
      const inputs = Object.values(makePanelTensors(model, 2));
      const flat = await infer(model, { json: { inputs: inputs.map(toJsonTensor) } });
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
        { json: { inputs: inputs.map(toJsonTensor).map(nested) } },
        { json: { inputs: inputs.map(toJsonTensor), ...binary } },
        toBinaryBody(inputs),
        toBinaryBody(inputs, binary),
      ]) {
        assert.deepEqual((await infer(model, body)).outputs, flat.outputs);
      }
    });
  }

  it('some tensors as binary, others in the JSON', async () => {
    const { comp, ids, mask } = makePanelTensors('tiny', 1);
    const expected = await inferOutputs('tiny', [ids, mask, comp]);
    const { json, binary: tail } = toBinaryBody([ids, comp]);
    const [first, last] = (json as { inputs: InferTensor[] }).inputs;
    const mixed = await infer('tiny', { json: { inputs: [first, toJsonTensor(mask), last] }, binary: tail! });
    assert.deepEqual(mixed.outputs, expected);
  });

  it('one output as binary, another in the JSON, in the requested order', async () => {
    const { comp, images } = makePanelTensors('tiny', 2);
    const all = await inferOutputs('tiny', [comp, images], ['fused', 'vision', 'composition']);
    const requestedOutputs = [
      { name: 'composition', parameters: { binary_data: false } },
      { name: 'vision' },
      { name: 'fused', parameters: { binary_data: true } },
    ];
    for (const [binaryByDefault, binary] of [
      [true, [false, true, true]],
      [false, [false, false, true]],
      [undefined, [false, false, true]],
    ] as const) {
      const { json, outputs } = await infer(
        'tiny',
        toBinaryBody([comp, images], {
          outputs: requestedOutputs,
          parameters: { binary_data_output: binaryByDefault },
        }),
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
    const { comp } = makePanelTensors('tiny', 1);
    const { json } = await inferJson(`${service.address}/v2/models/tiny/versions/1/infer`, {
      id: 'Ω-7',
      inputs: [toJsonTensor(comp)],
    });
    const { outputs: _, ...rest } = json;
    assert.deepEqual(rest, { model_name: 'tiny', model_version: '1', id: 'Ω-7' });
    assert.ok(!('id' in (await infer('tiny', { json: { inputs: [toJsonTensor(comp)] } })).json));
  });

  it('unknown fields and parameters are ignored', async () => {
    const { comp } = makePanelTensors('tiny', 1);
    const input = { ...toJsonTensor(comp), parameters: { priority: 3, shared_memory_region: null }, extra: {} };
    const body = {
      inputs: [input],
      outputs: [{ name: 'fused', parameters: { classification: 3 } }],
      parameters: { sequence_id: 1 },
      extra: [],
    };
    const { outputs } = await infer('tiny', { json: body });
    assert.deepEqual(outputs, await inferOutputs('tiny', [comp], ['fused']));
  });

  it('other element types of the same numbers', async () => {
    for (const model of ['tiny', 'both'] as const) {
      const { images, ids, mask, comp, present } = makePanelTensors(model, 3);
      const some = withValues(present, [1, 0, 1, 0, 1, 0, 1, 1, 1]);
      const expected = await inferOutputs(model, [images, ids, mask, comp, some]);
      const withDatatype = (given: TensorWithValues, datatype: TensorWithValues['datatype']) => ({
        ...given,
        datatype,
      });
      const variants = [
        [
          images,
          withDatatype(ids, 'INT32'),
          withDatatype(mask, 'INT32'),
          withDatatype(comp, 'FP64'),
          withDatatype(some, 'FP64'),
        ],
        [images, ids, withDatatype(mask, 'BOOL'), comp, withDatatype(some, 'BOOL')],
        [images, withDatatype(ids, 'INT32'), withDatatype(mask, 'UINT8'), comp, withDatatype(some, 'UINT8')],
        [withDatatype(some, 'INT64'), comp, mask, ids, images],
        [images, ids, mask, comp, withDatatype(some, 'INT32')],
      ];
      for (const inputs of variants) {
        assert.deepEqual(await inferOutputs(model, inputs), expected);
        assert.deepEqual((await infer(model, { json: { inputs: inputs.map(toJsonTensor) } })).outputs, expected);
      }
    }
  });
});

describe('inputs that are left out', () => {
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

  for (const kept of subsets) {
    it(`all but ${kept.join(', ')} count as masked`, async () => {
      const all = makePanelTensors('tiny', 2);
      const row = [0, 0, 0];
      for (const name of kept) if (name !== 'mask') row[column[name]] = 1;
      const masked = await inferOutputs(
        'tiny',
        Object.values({ ...all, present: withValues(all.present, [...row, ...row]) }),
      );
      const alone = await inferOutputs(
        'tiny',
        kept.map((name) => all[name]),
      );
      const keptOutputs = kept.flatMap((name) => (name === 'mask' ? [] : outputOf[name]));
      assert.deepEqual(Object.keys(alone), [
        'fused',
        ...['vision', 'text', 'composition'].filter((name) => keptOutputs.includes(name as never)),
        'gate_weights',
      ]);
      for (const [name, values] of Object.entries(alone)) assert.deepEqual(values, masked[name], name);
      assert.ok(
        [0, 1, 2].every(
          (i) => row[i] === 1 || (alone['gate_weights']![i] === 0 && alone['gate_weights']![3 + i] === 0),
        ),
      );
    });
  }

  it('in reference mode count as an image of zeros, the empty text and seven zeros', async () => {
    const zeros = (given: TensorWithValues) =>
      withValues(
        given,
        given.values.map(() => 0),
      );
    const one = makePanelTensors('both', 1);
    const [ids, mask] = textTensors([101, 102]);
    const absent = { images: [zeros(one.images)], ids: [ids!, mask!], comp: [zeros(one.comp)] };
    for (const name of ['images', 'ids', 'comp'] as const) {
      const others = (['images', 'ids', 'comp'] as const).filter((other) => other !== name);
      const rest = others.flatMap((other) => (other === 'ids' ? [one.ids, one.mask] : [one[other]]));
      const present = withValues(one.present, [1, 1, 1].with(column[name], 0));
      const withoutInput = await inferOutputs('both', rest, ['fused', 'gate_weights']);
      const masked = await inferOutputs('both', [...rest, ...absent[name], present], ['fused', 'gate_weights']);
      for (const output of ['fused', 'gate_weights'])
        assert.ok(maxDifference(withoutInput[output]!, masked[output]!) < 1e-6, `${name}: ${output}`);
    }
  });

  it('in reference mode may be all of a row', async () => {
    const one = makePanelTensors('both', 1);
    const { fused } = await inferOutputs('both', [one.comp, withValues(one.present, [0, 0, 0])], ['fused']);
    assert.ok(fused!.every(Number.isFinite));
  });
});
