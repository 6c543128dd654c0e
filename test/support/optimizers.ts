import { ADAMW_DEFAULTS } from '../../src/training/optimizer/adamw.ts';
import { Optimizer, type OptimizerOptions, type RateGroup } from '../../src/training/optimizer/optimizer.ts';
import { seeded } from './numbers.ts';

export const USUAL: OptimizerOptions = { ...ADAMW_DEFAULTS, weightDecay: 0.01, maxGradNorm: Infinity, threads: 1 };

export const one = (end: number): RateGroup[] => [{ name: 'head', begin: 0, end }];
export const draw = (length: number, seed: number, size = 1) => {
  const random = seeded(seed);
  return Float32Array.from({ length }, () => size * random());
};

export async function withOptimizer<T>(
  length: number,
  groups: readonly RateGroup[],
  options: Partial<OptimizerOptions>,
  use: (optimizer: Optimizer) => T,
): Promise<T> {
  const optimizer = await Optimizer.create(length, groups, { ...USUAL, ...options });
  try {
    return use(optimizer);
  } finally {
    await optimizer.close();
  }
}
