/** Element types of the Open Inference Protocol that inputs and outputs may have. */
export const DATATYPE_NAMES = ['FP32', 'FP64', 'INT64', 'INT32', 'UINT8', 'BOOL'] as const;
export type Datatype = (typeof DATATYPE_NAMES)[number];

type ElementsView = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array;

/** The size of an element, and a view of the bytes of many */
export const DATATYPES: Readonly<
  Record<Datatype, { readonly bytes: number; readonly view: (data: ArrayBuffer) => ElementsView }>
> = {
  FP32: { bytes: 4, view: (data) => new Float32Array(data) },
  FP64: { bytes: 8, view: (data) => new Float64Array(data) },
  INT64: { bytes: 8, view: (data) => new BigInt64Array(data) },
  INT32: { bytes: 4, view: (data) => new Int32Array(data) },
  UINT8: { bytes: 1, view: (data) => new Uint8Array(data) },
  BOOL: { bytes: 1, view: (data) => new Uint8Array(data) },
};
