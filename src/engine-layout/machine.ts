import { existsSync, readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import type { Config } from '../config.ts';
import { estimateBytes } from '../inference/model-memory.ts';
import type { Model } from '../model/model.ts';
import { VERSION } from '../version.ts';

/** Models of the same size as the first must find room beside it: one that is activated, and one that a canary tries. */
const SHARE_OF_MEMORY = 1 / 4;
/** There while the driver of an NVIDIA card is loaded. To ask ONNX Runtime would load it into the service. */
const NVIDIA_DEVICE = '/dev/nvidiactl';

/** What a measured layout holds for: where anything of it changes, another layout may be the fastest. */
export interface Machine {
  readonly cpu: string;
  /** Cores that this process may use, by its affinity and the quota of its container */
  readonly cores: number;
  readonly provider: string;
  readonly panelvec: string;
  readonly onnxruntime: string;
  /** Of the model that was measured */
  readonly space: string;
}

export function describeMachine({ provider }: Pick<Config, 'provider'>, model: Model): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    provider,
    panelvec: VERSION,
    onnxruntime: readOnnxruntimeVersion(),
    space: model.space,
  };
}

/** Engines of a model on each device that may be chosen for it. A GPU runs one: others would wait for it, each with its own copy. */
export async function maxEnginesFor(
  model: Model,
  { provider, devices, modelsMemoryBytes }: Pick<Config, 'provider' | 'devices' | 'modelsMemoryBytes'>,
): Promise<number> {
  const mayUseGpu = provider !== 'cpu' && (provider !== 'auto' || existsSync(NVIDIA_DEVICE));
  if (mayUseGpu) return 1;
  const bytes = await estimateBytes(model, devices.length);
  return Math.max(1, Math.floor((SHARE_OF_MEMORY * modelsMemoryBytes) / bytes));
}

/** Read from its package: to import it would load its library. */
function readOnnxruntimeVersion(): string {
  const file = findPackageJSON('onnxruntime-node', import.meta.url);
  return file === undefined ? 'unknown' : JSON.parse(readFileSync(file, 'utf8')).version;
}
