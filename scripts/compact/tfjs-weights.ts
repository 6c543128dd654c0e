/** One entry of a TensorFlow.js weights manifest. Quantised values are `stored * scale + min`. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string; readonly scale: number; readonly min: number };
}

export interface StoredWeight extends WeightSpec {
  /** One byte for each element if quantised, else four */
  readonly bytes: Uint8Array;
}

/** Cuts the concatenated weight files into the tensors of the manifest. */
export function sliceWeights(specs: readonly WeightSpec[], data: Uint8Array): ReadonlyMap<string, StoredWeight> {
  const weights = new Map<string, StoredWeight>();
  let offset = 0;
  for (const spec of specs) {
    if (spec.quantization !== undefined && spec.quantization.dtype !== 'uint8') {
      throw new Error(`${spec.name}: ${spec.quantization.dtype} weights are not expected here`);
    }
    const length = spec.shape.reduce((a, b) => a * b, 1) * (spec.quantization ? 1 : 4);
    weights.set(spec.name, { ...spec, bytes: new Uint8Array(data.subarray(offset, offset + length)) });
    offset += length;
  }
  if (offset !== data.byteLength) throw new Error(`the manifest covers ${offset} of ${data.byteLength} bytes`);
  return weights;
}
