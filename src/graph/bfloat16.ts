/** bytes of n bfloat16 -> bytes of n float32. A bfloat16 is the upper half of a float32, so every value is exact. */
export function bfloat16ToFloat32(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const widened = new Uint32Array(bytes.byteLength / 2);
  for (let i = 0; i < widened.length; i++) widened[i] = view.getUint16(2 * i, true) << 16;
  return new Uint8Array(widened.buffer);
}
