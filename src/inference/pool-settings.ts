import type { Model } from '../model/model.ts';
import type { ProviderChoice } from '../onnxruntime/provider.ts';
import type { SlotTimeouts } from './engine-slot.ts';
import type { EngineSettings } from './engine-types.ts';

export interface PoolSettings extends SlotTimeouts {
  readonly model: Model;
  /** One engine each, all of the same model */
  readonly engines: readonly EngineSettings[];
  readonly queueTimeoutMs: number;
  /** How long a panel that ended its engine is refused at once */
  readonly poisonedSeconds: number;
}

/** The part of the configuration that is about engines. */
export interface EngineConfig {
  readonly provider: ProviderChoice;
  readonly devices: readonly number[];
  readonly threads: number;
  readonly maxBatch: number;
  readonly bulkBatch: number;
  readonly queueTimeoutSeconds: number;
  readonly batchTimeoutSeconds: number;
  readonly startTimeoutSeconds: number;
  readonly poisonedSeconds: number;
}

/** Settings of a pool from the configuration: an engine of the model for each device. */
export function toPoolSettings(config: EngineConfig, model: Model): PoolSettings {
  const { provider, threads, maxBatch } = config;
  return {
    model,
    engines: config.devices.map((device) => ({ device, provider, threads, maxBatch, model })),
    poisonedSeconds: config.poisonedSeconds,
    queueTimeoutMs: config.queueTimeoutSeconds * 1000,
    batchTimeoutMs: config.batchTimeoutSeconds * 1000,
    startTimeoutMs: config.startTimeoutSeconds * 1000,
  };
}
