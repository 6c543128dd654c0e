import { formatShape } from '../../../graph/shape.ts';
import { assertItemCount } from '../../validation.ts';
import type { InferBody } from './infer-body.ts';
import type { InputTensor } from './infer-schemas.ts';
import { ALSO_ACCEPTED_DATATYPES, INPUT_NAMES, type InputName, type TensorInfo } from './model-tensors.ts';
import { type Elements, invalidRequestError, readBinaryElements, readJsonElements } from './tensor-elements.ts';

/** A tensor of a request, its elements as numbers in row-major order. */
export interface TensorValues {
  readonly shape: readonly number[];
  readonly values: Elements;
  /** Path of the tensor in the request, for errors: `inputs[2]` */
  readonly param: string;
}

export type RequestTensors = Partial<Record<InputName, TensorValues>>;

/**
 * Reads and checks all tensors of a request: known names, each once, of the datatypes and shapes that the model takes, with
 * as many elements as the shape says. @throws PanelvecError invalid_request naming the field
 */
export function readTensors(
  { request, binary }: InferBody,
  expected: Readonly<Record<InputName, TensorInfo>>,
  maxRows: number,
): RequestTensors {
  const tensors: RequestTensors = {};
  let offset = 0;
  for (const [i, tensor] of request.inputs.entries()) {
    const param = `inputs[${i}]`;
    const name = parseInputName(tensor, param);
    if (tensors[name] !== undefined) throw invalidRequestError(`${name} is given twice`, `${param}.name`);
    assertTypeAndShape(tensor, expected[name], name, param);
    // Before any element is read: rows cost memory by the thousand bytes.
    const [rowCount = 0] = tensor.shape;
    assertItemCount(rowCount, maxRows, `${param}.shape`);
    const size = tensor.parameters?.binary_data_size;
    if (size !== undefined && tensor.data !== undefined) {
      throw invalidRequestError(`${name} has both data and binary_data_size`, `${param}.data`);
    }
    const values =
      size === undefined
        ? readJsonElements(tensor, name, param)
        : readBinaryElements(
            tensor,
            binary.subarray(offset, offset + size),
            name,
            `${param}.parameters.binary_data_size`,
          );
    offset += size ?? 0;
    tensors[name] = { shape: tensor.shape, values, param };
  }
  if (offset !== binary.byteLength) {
    throw invalidRequestError(`${binary.byteLength} bytes follow the JSON, the inputs take ${offset}`, 'inputs');
  }
  return tensors;
}

function parseInputName({ name }: InputTensor, param: string): InputName {
  const known = INPUT_NAMES.find((input) => input === name);
  if (known !== undefined) return known;
  throw invalidRequestError(
    `there is no input "${name.slice(0, 64)}"; there is ${INPUT_NAMES.join(', ')}`,
    `${param}.name`,
  );
}

function assertTypeAndShape(
  { datatype, shape }: InputTensor,
  expected: TensorInfo,
  name: InputName,
  param: string,
): void {
  const acceptedDatatypes = [expected.datatype, ...ALSO_ACCEPTED_DATATYPES[name]];
  if (!acceptedDatatypes.includes(datatype)) {
    throw invalidRequestError(
      `${name} is ${datatype}, expected ${acceptedDatatypes.join(' or ')}`,
      `${param}.datatype`,
    );
  }
  const matchesShape =
    shape.length === expected.shape.length &&
    shape.every((size, axis) => (expected.shape[axis] === -1 ? size > 0 : size === expected.shape[axis]));
  if (!matchesShape) {
    throw invalidRequestError(
      `${name} has the shape ${formatShape(shape)}, expected ${formatShape(expected.shape)}`,
      `${param}.shape`,
    );
  }
}
