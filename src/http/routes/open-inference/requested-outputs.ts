import type { Model } from '../../../model/model.ts';
import type { InferRequest } from './infer-schemas.ts';
import type { RequestTensors } from './input-tensors.ts';
import { describeOutputTensors, type InputName, type OutputName } from './model-tensors.ts';
import { invalidRequestError } from './tensor-elements.ts';

export interface RequestedOutput {
  readonly name: OutputName;
  readonly width: number;
  /** Whether the response has this output as binary; undefined where the request does not say it of this output */
  readonly binary: boolean | undefined;
}

/** The input of an output that is computed from one tensor alone */
const REQUIRED_INPUT: Partial<Record<OutputName, InputName>> = {
  vision: 'images',
  backbone_weights: 'images',
  text: 'input_ids',
  composition: 'comp_feats',
};

/** Finds the requested outputs, or all that the inputs allow. @throws PanelvecError invalid_request naming the field */
export function resolveOutputs(
  model: Model,
  tensors: RequestTensors,
  requested: InferRequest['outputs'],
): RequestedOutput[] {
  const available = describeOutputTensors(model).map(({ name, shape: [, width] }) => ({ name, width }));
  const missingInput = (name: OutputName) => {
    const required = REQUIRED_INPUT[name];
    return required !== undefined && tensors[required] === undefined ? required : undefined;
  };
  if (requested === undefined || requested.length === 0) {
    return available
      .filter(({ name }) => missingInput(name) === undefined)
      .map((output) => ({ ...output, binary: undefined }));
  }
  return requested.map(({ name, parameters }, i) => {
    const param = `outputs[${i}].name`;
    const output = available.find((candidate) => candidate.name === name);
    if (output === undefined) {
      const known = available.map((candidate) => candidate.name).join(', ');
      throw invalidRequestError(`there is no output "${name.slice(0, 64)}"; there is ${known}`, param);
    }
    if (requested.findIndex((other) => other.name === name) < i)
      throw invalidRequestError(`${name} is asked for twice`, param);
    const missing = missingInput(output.name);
    if (missing !== undefined) throw invalidRequestError(`${name} needs ${missing}`, param);
    return { ...output, binary: parameters?.binary_data };
  });
}
