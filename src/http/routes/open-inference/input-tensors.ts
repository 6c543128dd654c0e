import { PanelvecError } from '../../../errors.ts';
import { elementCount, formatShape } from '../../../graph/shape.ts';
import { assertItemCount } from '../../validation.ts';
import { DATATYPES } from './datatypes.ts';
import type { InferBody } from './infer-body.ts';
import type { InputTensor } from './infer-schemas.ts';
import { ALSO_ACCEPTED_DATATYPES, INPUT_NAMES, type InputName, type TensorInfo } from './model-tensors.ts';

/** A tensor of a request, its elements as numbers in row-major order. */
export interface TensorValues {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
  /** Path of the tensor in the request, for errors: `inputs[2]` */
  readonly param: string;
}

export type RequestTensors = Partial<Record<InputName, TensorValues>>;

const MAX_INT32 = 2 ** 31 - 1;

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
        ? readJsonValues(tensor, name, param)
        : readBinaryValues(
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

function readBinaryValues(
  { shape, datatype }: InputTensor,
  bytes: Buffer,
  name: string,
  param: string,
): TensorValues['values'] {
  const expected = elementCount(shape) * DATATYPES[datatype].bytes;
  if (bytes.byteLength !== expected) {
    throw invalidRequestError(
      `${name} of ${datatype} ${formatShape(shape)} takes ${expected} bytes, not ${bytes.byteLength}`,
      param,
    );
  }
  // Copied, because the offset of a view must be a multiple of its element size.
  const elements = DATATYPES[datatype].view(Uint8Array.from(bytes).buffer);
  if (elements instanceof Float32Array) return elements;
  if (elements instanceof Float64Array) return Float32Array.from(elements);
  return toInt32Array(elements, name, param);
}

function readJsonValues({ shape, datatype, data }: InputTensor, name: string, param: string): TensorValues['values'] {
  if (!Array.isArray(data)) throw invalidRequestError(`${name} has no data`, `${param}.data`);
  const elements = flatten(data, shape, name, `${param}.data`);
  const isBool = datatype === 'BOOL';
  const wrongIndex = elements.findIndex((element) => typeof element !== (isBool ? 'boolean' : 'number'));
  if (wrongIndex >= 0)
    throw invalidRequestError(
      `element ${wrongIndex} of ${name} is not a ${isBool ? 'boolean' : 'number'}`,
      `${param}.data`,
    );
  const numbers = elements.map(Number);
  return datatype.startsWith('FP') ? Float32Array.from(numbers) : toInt32Array(numbers, name, `${param}.data`);
}

/** Flattens data that is nested as the shape says, or not at all. @throws PanelvecError */
function flatten(data: readonly unknown[], shape: readonly number[], name: string, param: string): readonly unknown[] {
  const [size = 0, ...inner] = shape;
  const nested = inner.length > 0 && data.some(Array.isArray);
  const expected = nested ? size : elementCount(shape);
  if (data.length !== expected) {
    const unit = nested ? 'rows' : 'elements';
    const message = `${name} of the shape ${formatShape(shape)} takes ${expected} ${unit}, not ${data.length}`;
    throw invalidRequestError(message, param);
  }
  if (!nested) return data;
  const isRow = (row: unknown): row is readonly unknown[] => Array.isArray(row) && row.length === inner[0];
  if (data.every(isRow)) return data.flatMap((row) => flatten(row, inner, name, param));
  const raggedRow = data.findIndex((row) => !isRow(row));
  throw invalidRequestError(
    `${name} is not nested as its shape ${formatShape(shape)} says, at row ${raggedRow}`,
    param,
  );
}

function toInt32Array(elements: Iterable<number | bigint>, name: string, param: string): Int32Array {
  const numbers = Array.from(elements, Number);
  const wrongIndex = numbers.findIndex((number) => !Number.isInteger(number) || Math.abs(number) > MAX_INT32);
  if (wrongIndex >= 0)
    throw invalidRequestError(
      `element ${wrongIndex} of ${name}, ${numbers[wrongIndex]}, is not a 32-bit integer`,
      param,
    );
  return Int32Array.from(numbers);
}

export function invalidRequestError(message: string, param: string): PanelvecError {
  return new PanelvecError('invalid_request', message, { param });
}
