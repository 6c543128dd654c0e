/** Element types of the Open Inference Protocol that are taken or given here, with their sizes and views of their bytes. */
export const DATATYPES = {
  FP32: { bytes: 4, view: (data: ArrayBuffer) => new Float32Array(data) },
  FP64: { bytes: 8, view: (data: ArrayBuffer) => new Float64Array(data) },
  INT64: { bytes: 8, view: (data: ArrayBuffer) => new BigInt64Array(data) },
  INT32: { bytes: 4, view: (data: ArrayBuffer) => new Int32Array(data) },
  UINT8: { bytes: 1, view: (data: ArrayBuffer) => new Uint8Array(data) },
  BOOL: { bytes: 1, view: (data: ArrayBuffer) => new Uint8Array(data) },
} as const;

export type Datatype = keyof typeof DATATYPES;

export const DATATYPE_NAMES = Object.keys(DATATYPES) as [Datatype, ...Datatype[]];
