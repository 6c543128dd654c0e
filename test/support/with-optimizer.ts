import { Optimizer, type OptimizerOptions, type ParameterGroup } from '../../src/training/optimizer/optimizer.ts';
import { ADAMW_DEFAULTS } from '../../src/training/optimizer/optimizer-commands.ts';
import { seeded } from './numeric.ts';

export const DEFAULT_OPTIONS: OptimizerOptions = {
  ...ADAMW_DEFAULTS,
  weightDecay: 0.01,
  maxGradNorm: Infinity,
  threads: 1,
};

export const singleGroup = (end: number): ParameterGroup[] => [{ name: 'head', begin: 0, end }];
export const randomFloats = (length: number, seed: number, scale = 1) => {
  const random = seeded(seed);
  return Float32Array.from({ length }, () => scale * random());
};

/** Calls `use` with an optimizer, and closes it. */
export async function withOptimizer<T>(
  length: number,
  groups: readonly ParameterGroup[],
  options: Partial<OptimizerOptions>,
  use: (optimizer: Optimizer) => T,
): Promise<T> {
  const optimizer = await Optimizer.create(length, groups, { ...DEFAULT_OPTIONS, ...options });
  try {
    return use(optimizer);
  } finally {
    await optimizer.close();
  }
}
