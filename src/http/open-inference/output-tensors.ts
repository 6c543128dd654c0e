import type { Model } from '../../model/model.ts';
import type { InferRequest } from './infer-schemas.ts';
import { refusal, type Tensors } from './input-tensors.ts';
import { type InputName, type OutputName, outputTensors } from './model-tensors.ts';

export interface WantedOutput {
  readonly name: OutputName;
  readonly width: number;
  /** Whether this output asks for binary itself; undefined leaves it to the request */
  readonly binary: boolean | undefined;
}

/** An output that is computed from one tensor alone. */
const NEEDS: Partial<Record<OutputName, InputName>> = {
  vision: 'images',
  backbone_weights: 'images',
  text: 'input_ids',
  composition: 'comp_feats',
};

/** The outputs asked for, or all that the inputs allow. @throws PanelvecError invalid_request naming the field */
export function wantedOutputs(model: Model, tensors: Tensors, asked: InferRequest['outputs']): WantedOutput[] {
  const available = outputTensors(model).map(({ name, shape }) => ({ name: name as OutputName, width: shape[1]! }));
  const lacks = (name: OutputName) => {
    const needed = NEEDS[name];
    return needed !== undefined && tensors[needed] === undefined ? needed : undefined;
  };
  if (asked === undefined) {
    return available
      .filter(({ name }) => lacks(name) === undefined)
      .map((output) => ({ ...output, binary: undefined }));
  }
  return asked.map(({ name, parameters }, at) => {
    const param = `outputs[${at}].name`;
    const output = available.find((candidate) => candidate.name === name);
    if (output === undefined) {
      const known = available.map((candidate) => candidate.name).join(', ');
      throw refusal(`there is no output "${name.slice(0, 64)}"; there is ${known}`, param);
    }
    if (asked.findIndex((other) => other.name === name) < at) throw refusal(`${name} is asked for twice`, param);
    const needed = lacks(output.name);
    if (needed !== undefined) throw refusal(`${name} needs ${needed}`, param);
    return { ...output, binary: parameters?.binary_data };
  });
}
