import type { EngineResult } from '../../inference/contract.ts';
import type { Model } from '../../model/model.ts';
import type { InferAnswer, InferRequest } from './infer-schemas.ts';
import type { OutputName } from './model-tensors.ts';
import type { WantedOutput } from './output-tensors.ts';

/** The answer's JSON, and the tensors that go behind it in the order of their outputs. */
export function inferAnswer(
  { spec }: Model,
  request: InferRequest,
  outputs: readonly WantedOutput[],
  results: readonly EngineResult[],
): { json: InferAnswer; binary: Buffer[] } {
  const binary: Buffer[] = [];
  const described = outputs.map(({ name, width, binary: own }): InferAnswer['outputs'][number] => {
    const shape = [results.length, width];
    const values = new Float32Array(results.length * width);
    results.forEach((result, row) => {
      values.set(rowOf(result, name), row * width);
    });
    if (!(own ?? request.parameters?.binary_data_output ?? false)) {
      return { name, datatype: 'FP32', shape, data: Array.from(values) };
    }
    binary.push(Buffer.from(values.buffer));
    return { name, datatype: 'FP32', shape, parameters: { binary_data_size: values.byteLength } };
  });
  const json = { model_name: spec.name, model_version: String(spec.version), outputs: described };
  return { json: request.id === undefined ? json : { ...json, id: request.id }, binary };
}

function rowOf({ vectors, gate, backbones }: EngineResult, name: OutputName): Float32Array {
  if (name === 'gate_weights') return gate!;
  return name === 'backbone_weights' ? backbones! : vectors[name]!;
}
