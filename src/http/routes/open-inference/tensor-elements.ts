import { PanelvecError } from '../../../errors.ts';
import { elementCount, formatShape } from '../../../graph/shape.ts';
import { DATATYPES } from './datatypes.ts';
import type { InputTensor } from './infer-schemas.ts';

/** The elements of a tensor as numbers in row-major order. */
export type Elements = Float32Array | Int32Array;

const MAX_INT32 = 2 ** 31 - 1;

/** Reads the elements from the bytes after the JSON. @throws PanelvecError invalid_request naming `param` */
export function readBinaryElements(
  { shape, datatype }: InputTensor,
  bytes: Buffer,
  name: string,
  param: string,
): Elements {
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

/** Reads the elements from the JSON of a tensor. @throws PanelvecError invalid_request naming a field of `param` */
export function readJsonElements({ shape, datatype, data }: InputTensor, name: string, param: string): Elements {
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
