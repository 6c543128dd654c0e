import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useTinyService } from '../support/tiny-service.ts';
import { runPythonClient, skipPython } from './clients.ts';

interface Outputs {
  readonly fused: readonly number[][];
  readonly gate_weights: readonly number[][];
}
interface TritonResult {
  readonly states: readonly boolean[];
  readonly server: { readonly name: string; readonly extensions: readonly string[] };
  readonly model: {
    readonly name: string;
    readonly versions: readonly string[];
    readonly inputs: readonly { name: string }[];
  };
  readonly binary: Outputs;
  readonly json: Outputs;
  readonly compressed: Readonly<Record<string, Outputs>>;
  readonly single: readonly number[][];
  readonly asynchronous: readonly number[][];
  readonly unnamed: Readonly<Record<string, readonly number[]>>;
  readonly vision: readonly number[][];
  readonly errors: Readonly<Record<string, { readonly status: string; readonly message: string }>>;
}

const service = useTinyService({}, { skipped: skipPython !== false });

describe('tritonclient', () => {
  it('gets states, metadata, vectors in each form, and errors that name the fault', { skip: skipPython }, async () => {
    const result = await runPythonClient<TritonResult>('triton_client.py', [
      new URL(service.address).host,
      'tiny',
      '8',
    ]);
    assert.deepEqual(result.states, [true, true, true, false]);
    assert.equal(result.server.name, 'panelvec');
    assert.deepEqual([result.model.name, result.model.versions], ['tiny', ['1']]);
    assert.deepEqual(
      result.model.inputs.map(({ name }) => name),
      ['images', 'input_ids', 'attention_mask', 'comp_feats', 'modality_mask'],
    );

    assert.equal(result.binary.fused.length, 3);
    assert.deepEqual(result.json, result.binary);
    assert.deepEqual(result.single, result.binary.fused);
    assert.deepEqual(result.compressed, { gzip: result.binary, deflate: result.binary });
    assert.deepEqual(result.asynchronous, result.vision);
    assert.deepEqual(result.unnamed['fused'], [3, 16]);

    const { model, metadata, shape, bytes, output } = result.errors;
    assert.deepEqual(
      [model?.status, metadata?.status, shape?.status, bytes?.status, output?.status],
      ['404', '404', '400', '400', '400'],
    );
    assert.match(model?.message ?? '', /there is no model "no-such-model" here; there is tiny/);
    assert.match(
      shape?.message ?? '',
      /^inputs\[0\]\.shape: images has the shape \(3, 3, 7, 8\), expected \(-1, 3, 8, 8\)$/,
    );
    assert.match(bytes?.message ?? '', /^inputs\[0\]\.datatype: .*send texts as input_ids/);
    assert.match(output?.message ?? '', /logits/);
  });
});
