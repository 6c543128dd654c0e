import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { parse } from '../../src/http/validation.ts';
import { toDataUri } from '../support/images.ts';
import { postInfer } from '../support/infer-requests.ts';
import { assertRefused, postJson, useStrictService } from '../support/strict-service.ts';

const strict = useStrictService();

const NO_OPTIONS = {
  model: null,
  outputs: null,
  normalize: null,
  dimensions: null,
  encoding_format: null,
  expected_space: null,
};

describe('null', () => {
  it('is an absent option in every call', async () => {
    const image = toDataUri(strict.png);
    const bodies: readonly [string, object][] = [
      ['/text', { input: 'a' }],
      ['/image', { input: [image] }],
      ['/panel', { input: [{ text: 'a', image: null, composition: null }] }],
      [
        '/page',
        { image, pad_to: null, canonical_id: null, panels: [{ bbox: [0, 0, 9, 9], box_2d: null, text: null }] },
      ],
      ['/page', { pages: [{ image, panels: [{ bbox: null, box_2d: [0, 0, 900, 900], panel_number: null }] }] }],
    ];
    for (const [call, body] of bodies) {
      const plain = await postJson(strict.address, call, JSON.parse(JSON.stringify(body), dropNull));
      // A page may have fields of other programs, which the response lists.
      const { model: _, ...pageOptions } = NO_OPTIONS;
      const options = call === '/page' ? pageOptions : NO_OPTIONS;
      const response = await postJson(strict.address, call, { ...body, ...options });
      assert.equal(response.status, 200, response.text);
      assert.deepEqual(response.body, plain.body);
    }
    const openai = { input: 'a', model: null, user: null, dimensions: null, encoding_format: null };
    const response = await postJson(strict.address, '', openai);
    assert.deepEqual(response.body, (await postJson(strict.address, '', { input: 'a' })).body);
  });

  it('is an absent field of the Open Inference Protocol, and no outputs are all', async () => {
    const input = { name: 'comp_feats', datatype: 'FP32', shape: [1, 7], data: [1, 1, 0, 0, 0, 1, 1] };
    const infer = async (json: object) => {
      const response = await postInfer(strict.address, 'tiny', { json });
      assert.equal(response.status, 200, await response.clone().text());
      return response.json();
    };
    const expected = await infer({ inputs: [input] });
    assert.deepEqual(
      await infer({ id: null, parameters: null, outputs: null, inputs: [{ ...input, parameters: null }] }),
      expected,
    );
    const nulls = { binary_data_output: null };
    const sizes = { binary_data_size: null, binary_data: null };
    assert.deepEqual(
      await infer({ parameters: nulls, outputs: [], inputs: [{ ...input, parameters: sizes }] }),
      expected,
    );
    const named = (parameters: object | null) => ({ inputs: [input], outputs: [{ name: 'fused', parameters }] });
    assert.deepEqual(await infer(named(null)), await infer(named({ binary_data: null })));
  });

  it('is still an error where a value is needed, or among the numbers of a list', async () => {
    assertRefused(await postJson(strict.address, '/text', { input: null }), 400, 'invalid_request', 'input');
    assertRefused(await postJson(strict.address, '/text', { input: ['a', null] }), 400, 'invalid_request', 'input[1]');
    assertRefused(
      await postJson(strict.address, '/text', { input: 'a', unknown: null }),
      400,
      'invalid_request',
      'unknown',
    );
  });

  it('keeps a meaning of its own where the schema takes it', () => {
    const schema = z.strictObject({
      clip: z.number().nullable().default(1),
      rate: z.number().default(2),
      inner: z.strictObject({ size: z.number().default(3) }).prefault({}),
    });
    assert.deepEqual(parse(schema, { clip: null, rate: null, inner: null }), {
      clip: null,
      rate: 2,
      inner: { size: 3 },
    });
    assert.deepEqual(parse(schema, { inner: { size: null } }), { clip: 1, rate: 2, inner: { size: 3 } });
  });

  it('leaves the value that was checked as it was', () => {
    const value = { rate: null };
    parse(z.strictObject({ rate: z.number().optional() }), value);
    assert.deepEqual(value, { rate: null });
  });
});

describe('no outputs', () => {
  it('are the default', async () => {
    const expected = (await postJson(strict.address, '/text', { input: 'a' })).body;
    for (const outputs of [[], '']) {
      assert.deepEqual((await postJson(strict.address, '/text', { input: 'a', outputs })).body, expected);
    }
  });
});

function dropNull(_: string, value: unknown): unknown {
  return value === null ? undefined : value;
}
