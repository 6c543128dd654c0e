import { PanelvecError } from '../../errors.ts';
import { elementCount, formatShape } from '../../graph/shape.ts';
import { tooMany } from '../too-many.ts';
import { DATATYPES } from './datatypes.ts';
import type { InferBody } from './infer-body.ts';
import type { InputTensor } from './infer-schemas.ts';
import { ALSO_TAKEN, INPUT_NAMES, type InputName, type TensorInfo } from './model-tensors.ts';

/** A tensor of a request, its elements as numbers in row-major order. */
export interface TensorValues {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
  /** Where it stands in the request, for errors: `inputs[2]` */
  readonly param: string;
}

export type Tensors = Partial<Record<InputName, TensorValues>>;

const LARGEST_INT32 = 2 ** 31 - 1;

/**
 * Reads and checks all tensors of a request: known names, each once, of the types and shapes that the model takes, with as
 * many elements as the shape says. @throws PanelvecError invalid_request naming the field
 */
export function readTensors(
  { request, binary }: InferBody,
  expected: Readonly<Record<InputName, TensorInfo>>,
  maxRows: number,
): Tensors {
  const tensors: Tensors = {};
  let offset = 0;
  for (const [at, tensor] of request.inputs.entries()) {
    const param = `inputs[${at}]`;
    const name = knownName(tensor, param);
    if (tensors[name] !== undefined) throw refusal(`${name} is given twice`, `${param}.name`);
    assertType(tensor, expected[name], name, param);
    // Before any element is looked at: rows cost memory by the thousand bytes.
    if (tensor.shape[0]! > maxRows) throw tooMany(tensor.shape[0]!, maxRows, `${param}.shape`);
    const size = tensor.parameters?.binary_data_size;
    if (size !== undefined && tensor.data !== undefined) {
      throw refusal(`${name} has both data and binary_data_size`, `${param}.data`);
    }
    const values =
      size === undefined
        ? fromJson(tensor, name, param)
        : fromBinary(tensor, binary.subarray(offset, offset + size), name, `${param}.parameters.binary_data_size`);
    offset += size ?? 0;
    tensors[name] = { shape: tensor.shape, values, param };
  }
  if (offset !== binary.byteLength) {
    throw refusal(`${binary.byteLength} bytes follow the JSON, the inputs take ${offset}`, 'inputs');
  }
  return tensors;
}

function knownName({ name }: InputTensor, param: string): InputName {
  const known = INPUT_NAMES.find((input) => input === name);
  if (known !== undefined) return known;
  throw refusal(`there is no input "${name.slice(0, 64)}"; there is ${INPUT_NAMES.join(', ')}`, `${param}.name`);
}

function assertType({ datatype, shape }: InputTensor, expected: TensorInfo, name: InputName, param: string): void {
  const taken = [expected.datatype, ...ALSO_TAKEN[name]];
  if (!taken.includes(datatype)) {
    throw refusal(`${name} is ${datatype}, expected ${taken.join(' or ')}`, `${param}.datatype`);
  }
  const fits =
    shape.length === expected.shape.length &&
    shape.every((size, axis) => (expected.shape[axis] === -1 ? size > 0 : size === expected.shape[axis]));
  if (!fits) {
    throw refusal(
      `${name} has the shape ${formatShape(shape)}, expected ${formatShape(expected.shape)}`,
      `${param}.shape`,
    );
  }
}

function fromBinary(
  { shape, datatype }: InputTensor,
  bytes: Buffer,
  name: string,
  param: string,
): TensorValues['values'] {
  const expected = elementCount(shape) * DATATYPES[datatype].bytes;
  if (bytes.byteLength !== expected) {
    throw refusal(
      `${name} of ${datatype} ${formatShape(shape)} takes ${expected} bytes, not ${bytes.byteLength}`,
      param,
    );
  }
  // Copied, because a view needs its first byte where its type's size divides it.
  const elements = DATATYPES[datatype].view(Uint8Array.from(bytes).buffer);
  if (elements instanceof Float32Array) return elements;
  if (elements instanceof Float64Array) return Float32Array.from(elements);
  return integers(elements, name, param);
}

function fromJson({ shape, datatype, data }: InputTensor, name: string, param: string): TensorValues['values'] {
  if (data === undefined) throw refusal(`${name} has no data`, `${param}.data`);
  const elements = flatten(data as unknown[], shape, name, `${param}.data`);
  const truth = datatype === 'BOOL';
  const wrong = elements.findIndex((element) => typeof element !== (truth ? 'boolean' : 'number'));
  if (wrong >= 0)
    throw refusal(`element ${wrong} of ${name} is not a ${truth ? 'boolean' : 'number'}`, `${param}.data`);
  const numbers = elements.map(Number);
  return datatype.startsWith('FP') ? Float32Array.from(numbers) : integers(numbers, name, `${param}.data`);
}

/** Data nested as the shape says, or not at all. @throws PanelvecError */
function flatten(data: readonly unknown[], shape: readonly number[], name: string, param: string): readonly unknown[] {
  const [size, ...inner] = shape as [number, ...number[]];
  const nested = inner.length > 0 && data.some(Array.isArray);
  const expected = nested ? size : elementCount(shape);
  if (data.length !== expected) {
    const what = nested ? 'rows' : 'elements';
    const message = `${name} of the shape ${formatShape(shape)} takes ${expected} ${what}, not ${data.length}`;
    throw refusal(message, param);
  }
  if (!nested) return data;
  const ragged = data.findIndex((row) => !Array.isArray(row) || row.length !== inner[0]);
  if (ragged >= 0) {
    throw refusal(`${name} is not nested as its shape ${formatShape(shape)} says, at row ${ragged}`, param);
  }
  return data.flatMap((row) => flatten(row as unknown[], inner, name, param));
}

function integers(elements: Iterable<number | bigint>, name: string, param: string): Int32Array {
  const numbers = Array.from(elements, Number);
  const wrong = numbers.findIndex((number) => !Number.isInteger(number) || Math.abs(number) > LARGEST_INT32);
  if (wrong >= 0) throw refusal(`element ${wrong} of ${name}, ${numbers[wrong]}, is not a 32-bit integer`, param);
  return Int32Array.from(numbers);
}

export function refusal(message: string, param: string): PanelvecError {
  return new PanelvecError('invalid_request', message, { param });
}
