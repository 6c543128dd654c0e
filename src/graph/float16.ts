/**
 * The two 16-bit forms of floating-point numbers, for weights stored at half the size: half precision (IEEE 754 binary16)
 * to and from single precision, and bfloat16 to single precision.
 */

/** Widens the bytes of n float16 to those of n float32. */
export function float16ToFloat32(bytes: Uint8Array): Uint8Array {
  // A view needs an even offset, which the bytes of a file may not have.
  const aligned = bytes.byteOffset % Float16Array.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  const halves = new Float16Array(
    aligned.buffer,
    aligned.byteOffset,
    aligned.byteLength / Float16Array.BYTES_PER_ELEMENT,
  );
  return new Uint8Array(new Float32Array(halves).buffer);
}

/** Widens the bytes of n bfloat16 to those of n float32. A bfloat16 is the upper half of a float32, so every value is exact. */
export function bfloat16ToFloat32(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const widened = new Uint32Array(bytes.byteLength / 2);
  for (let i = 0; i < widened.length; i++) widened[i] = view.getUint16(2 * i, true) << 16;
  return new Uint8Array(widened.buffer);
}

/** Narrows to half precision. Rounds to nearest, ties to even. */
export function float32ToFloat16(values: Float32Array): Uint8Array {
  return new Uint8Array(new Float16Array(values).buffer);
}
