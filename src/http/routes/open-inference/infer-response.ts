import { PanelvecError } from '../../../errors.ts';
import type { EngineResult } from '../../../inference/engine-types.ts';
import type { Model } from '../../../model/model.ts';
import { toShortNumbers } from '../../../util/short-numbers.ts';
import type { InferRequest, InferResponse } from './infer-schemas.ts';
import type { OutputName } from './model-tensors.ts';
import type { RequestedOutput } from './requested-outputs.ts';

/** The vectors of a panel. One without text has zeros in the output `text`: a tensor has no place for null. */
export interface InferRow {
  readonly result: EngineResult;
  readonly hasText: boolean;
}

/** Builds the JSON of a response, and the binary tensors that follow it in the order of their outputs. */
export function buildInferResponse(
  { spec }: Model,
  request: InferRequest,
  outputs: readonly RequestedOutput[],
  rows: readonly InferRow[],
): { json: InferResponse; binary: Buffer[] } {
  const binary: Buffer[] = [];
  const responseTensors = outputs.map(({ name, width, binary: ownBinary }): InferResponse['outputs'][number] => {
    const shape = [rows.length, width];
    const values = new Float32Array(rows.length * width);
    rows.forEach(({ result, hasText }, row) => {
      if (hasText || name !== 'text') values.set(outputRow(result, name), row * width);
    });
    if (!(ownBinary ?? request.parameters?.binary_data_output ?? false)) {
      return { name, datatype: 'FP32', shape, data: toShortNumbers(values) };
    }
    binary.push(Buffer.from(values.buffer));
    return { name, datatype: 'FP32', shape, parameters: { binary_data_size: values.byteLength } };
  });
  const json = { model_name: spec.name, model_version: String(spec.version), outputs: responseTensors };
  return { json: request.id === undefined ? json : { ...json, id: request.id }, binary };
}

function outputRow(
  { vectors, gateWeights: gate, backboneWeights: backbones }: EngineResult,
  name: OutputName,
): Float32Array {
  const row = name === 'gate_weights' ? gate : name === 'backbone_weights' ? backbones : vectors[name];
  if (!row) throw new PanelvecError('internal', `the engine gave no ${name}`);
  return row;
}
