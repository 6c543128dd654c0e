import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { toOnnxModel } from '../../../src/graph/emit/emit.ts';
import { GraphProtoSchema, ModelProtoSchema } from '../../../src/graph/emit/onnx_pb.ts';
import { decodeOnnxModel, encodeOnnxModel } from '../../../src/graph/emit/onnx-encoding.ts';
import { withFields } from '../../../src/graph/emit/onnx-schema.ts';
import { Add, MatMul } from '../../../src/graph/ops/operators.ts';
import { input, parameter } from '../../../src/graph/value.ts';

const SIDE = 160;
const LARGE = new Uint8Array(new Float32Array(SIDE ** 2).fill(1.5).buffer);
const SMALL = new Uint8Array(new Float32Array(SIDE).fill(-1).buffer);
const x = input('x', 'float32', ['n', SIDE]);
const model = toOnnxModel({
  name: 'g',
  outputs: {
    y: Add(MatMul(x, parameter('large', 'float32', [SIDE, SIDE], LARGE)), parameter('small', 'float32', [SIDE], SMALL)),
  },
  metadata: { source: 'here' },
});

/** A model with a field that the schema here does not list: ModelProto.functions. */
function withUnknownField(bytes: Uint8Array): Uint8Array {
  const field = new BinaryWriter()
    .tag(25, WireType.LengthDelimited)
    .bytes(Uint8Array.of(10, 1, 102))
    .finish();
  return Buffer.concat([bytes, field]);
}

describe('encoding of models', () => {
  it('writes the bytes of the library, with weights of any size', () => {
    assert.deepEqual(Buffer.from(encodeOnnxModel(model)), Buffer.from(toBinary(ModelProtoSchema, model)));
  });

  it('keeps fields that the schema does not list, once', () => {
    const bytes = withUnknownField(encodeOnnxModel(model));
    assert.deepEqual(Buffer.from(encodeOnnxModel(fromBinary(ModelProtoSchema, bytes))), Buffer.from(bytes));
  });

  it('leaves the model as it was', () => {
    const before = toBinary(ModelProtoSchema, model);
    encodeOnnxModel(model);
    assert.deepEqual(Buffer.from(toBinary(ModelProtoSchema, model)), Buffer.from(before));
  });
});

describe('decoding of models', () => {
  it('reads a model with a string that is not UTF-8', () => {
    const bytes = Buffer.from(encodeOnnxModel(model));
    bytes[bytes.indexOf('panelvec')] = 0xff;
    assert.equal(decodeOnnxModel(bytes, 'some.onnx').producerName, '\ufffdanelvec');
  });

  it('refuses bytes that are not an ONNX model', () => {
    assert.throws(() => decodeOnnxModel(Buffer.from('not a model'), 'some.onnx'), /some\.onnx is not an ONNX model/);
    assert.throws(() => decodeOnnxModel(new Uint8Array(), 'empty.onnx'), /empty\.onnx is empty/);
    const noNodes = encodeOnnxModel(create(ModelProtoSchema, { producerName: 'bare' }));
    assert.throws(() => decodeOnnxModel(noNodes, 'bare.onnx'), /bare\.onnx is not an ONNX model: it has no nodes/);
  });
});

it('a copy of a message shares its fields but not its identity', () => {
  const graph = create(GraphProtoSchema, { name: 'a', output: [{ name: 'y' }] });
  const copy = withFields(GraphProtoSchema, graph, { name: 'b' });
  assert.equal(graph.name, 'a');
  assert.equal(copy.name, 'b');
  assert.equal(copy.output, graph.output);
});
