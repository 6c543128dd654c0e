/** Operators in float64, written out: ONNX Runtime has these only in float32, too coarse for differences. */
import type { Attributes } from '../../../src/graph/ops/op-attributes.ts';

export interface Float64Tensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export const referenceErf = ({ shape, data }: Float64Tensor): Float64Tensor => ({ shape, data: data.map(erf) });

/** x Phi(x), of the normal distribution */
export const referenceGelu = ({ shape, data }: Float64Tensor): Float64Tensor => ({
  shape,
  data: data.map((x) => (x / 2) * (1 + erf(x / Math.SQRT2))),
});

export const referenceIdentity = (x: Float64Tensor): Float64Tensor => x;

/** 2 / sqrt(pi) times the sum of (-1)^k x^(2 k + 1) / (k! (2 k + 1)): exact enough below |x| = 3. */
function erf(x: number): number {
  let [power, sum] = [x, x];
  for (let k = 1; k < 80; k++) {
    power *= -(x * x) / k;
    sum += power / (2 * k + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** (n, c, h, w) with weights (o, c / group, kh, kw) and a bias (o) -> (n, o, h', w') */
export function referenceConv(
  { strides, group, padding }: Pick<Attributes['Conv'], 'strides' | 'group' | 'padding'>,
  x: Float64Tensor,
  weight: Float64Tensor,
  bias?: Float64Tensor,
): Float64Tensor {
  const [rows, channels, height, width] = x.shape as [number, number, number, number];
  const [outputs, perGroup, kernelHeight, kernelWidth] = weight.shape as [number, number, number, number];
  const [top, outHeight] = windows(
    height,
    kernelHeight,
    strides[0],
    padding === 'same' ? 'same' : [padding[0], padding[2]],
  );
  const [left, outWidth] = windows(
    width,
    kernelWidth,
    strides[1],
    padding === 'same' ? 'same' : [padding[1], padding[3]],
  );
  const data = new Float64Array(rows * outputs * outHeight * outWidth);
  let offset = 0;
  for (let row = 0; row < rows; row++) {
    for (let out = 0; out < outputs; out++) {
      const firstChannel = Math.floor(out / (outputs / group)) * perGroup;
      for (let oy = 0; oy < outHeight; oy++) {
        for (let ox = 0; ox < outWidth; ox++) {
          let sum = bias?.data[out] ?? 0;
          for (let c = 0; c < perGroup; c++) {
            for (let ky = 0; ky < kernelHeight; ky++) {
              for (let kx = 0; kx < kernelWidth; kx++) {
                const [y, z] = [oy * strides[0] - top + ky, ox * strides[1] - left + kx];
                if (y < 0 || y >= height || z < 0 || z >= width) continue;
                const pixel = ((row * channels + firstChannel + c) * height + y) * width + z;
                sum += x.data[pixel]! * weight.data[((out * perGroup + c) * kernelHeight + ky) * kernelWidth + kx]!;
              }
            }
          }
          data[offset++] = sum;
        }
      }
    }
  }
  return { shape: [rows, outputs, outHeight, outWidth], data };
}

/** The padding in front, and the number of windows. */
function windows(size: number, kernel: number, stride: number, padding: 'same' | [number, number]): [number, number] {
  if (padding !== 'same') return [padding[0], Math.floor((size + padding[0] + padding[1] - kernel) / stride) + 1];
  const count = Math.ceil(size / stride);
  return [Math.floor(Math.max(0, (count - 1) * stride + kernel - size) / 2), count];
}

/** (n, c, …) -> (n, c, 1, …) */
export function referenceGlobalAveragePool({ shape, data }: Float64Tensor): Float64Tensor {
  const [rows, channels, ...sizes] = shape as [number, number, ...number[]];
  const pixelCount = sizes.reduce((a, b) => a * b, 1);
  const means = Float64Array.from({ length: rows * channels }, (_, i) => {
    const pixels = data.subarray(i * pixelCount, (i + 1) * pixelCount);
    return pixels.reduce((a, b) => a + b, 0) / pixelCount;
  });
  return { shape: [rows, channels, ...sizes.map(() => 1)], data: means };
}
