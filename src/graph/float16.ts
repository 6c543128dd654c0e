/**
 * The two 16-bit forms of floating-point numbers, for weights stored at half the size: half precision (IEEE 754 binary16)
 * to and from single precision, and bfloat16 to single precision.
 */

/** Widens the bytes of n float16 to those of n float32. */
export function float16ToFloat32(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const widened = new Float32Array(bytes.byteLength / 2);
  for (let i = 0; i < widened.length; i++) widened[i] = decodeFloat16(view.getUint16(2 * i, true));
  return new Uint8Array(widened.buffer);
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
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const half = Uint16Array.from(bits, encodeFloat16);
  return new Uint8Array(half.buffer);
}

function decodeFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function encodeFloat16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 255;
  const fraction = bits & 0x7fffff;
  if (exponent === 255) return sign | 0x7c00 | (fraction ? 0x200 : 0);
  const shifted = exponent - 112;
  if (shifted >= 31) return sign | 0x7c00;
  if (shifted < -10) return sign;
  // A subnormal number keeps the implicit one as an explicit bit and loses `1 - shifted` more bits.
  const mantissa = shifted > 0 ? fraction : fraction | 0x800000;
  const drop = shifted > 0 ? 13 : 14 - shifted;
  const kept = (shifted > 0 ? shifted << 10 : 0) + (mantissa >>> drop);
  const rest = mantissa & ((1 << drop) - 1);
  const tie = 1 << (drop - 1);
  return sign | (kept + (rest > tie || (rest === tie && kept & 1) ? 1 : 0));
}
