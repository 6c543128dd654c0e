import type { Model } from '../model/model.ts';
import type { ProviderChoice } from '../onnxruntime/provider.ts';
import type { MaxEngineBytes } from './engine-memory.ts';
import type { SlotLimits } from './engine-slot.ts';
import type { EngineSettings } from './engine-types.ts';

export interface PoolSettings extends SlotLimits {
  readonly model: Model;
  /** All of the same model */
  readonly engines: readonly EngineSettings[];
  readonly queueTimeoutMs: number;
  /** How long a panel that ended its engine is refused at once */
  readonly poisonedSeconds: number;
}

/** The part of the configuration that is about engines. */
export interface EngineConfig {
  readonly provider: ProviderChoice;
  readonly devices: readonly number[];
  /** Engines of a model on each device */
  readonly engines: number;
  readonly threads: number;
  readonly maxBatch: number;
  readonly bulkBatch: number;
  readonly queueTimeoutSeconds: number;
  readonly batchTimeoutSeconds: number;
  readonly startTimeoutSeconds: number;
  readonly poisonedSeconds: number;
  readonly maxEngineBytes: MaxEngineBytes;
}

/** The engines of each model together. */
export function countEngines({ devices, engines }: Pick<EngineConfig, 'devices' | 'engines'>): number {
  return devices.length * engines;
}

/** Settings of a pool from the configuration: the engines of a model on all devices. */
export function toPoolSettings(config: EngineConfig, model: Model): PoolSettings {
  const { provider, threads, maxBatch } = config;
  return {
    model,
    engines: config.devices.flatMap((device) =>
      Array.from({ length: config.engines }, (_, index) => ({ device, index, provider, threads, maxBatch, model })),
    ),
    poisonedSeconds: config.poisonedSeconds,
    maxEngineBytes: config.maxEngineBytes,
    queueTimeoutMs: config.queueTimeoutSeconds * 1000,
    batchTimeoutMs: config.batchTimeoutSeconds * 1000,
    startTimeoutMs: config.startTimeoutSeconds * 1000,
  };
}
