import type { Model } from '../model/model.ts';
import type { ProviderChoice } from '../onnxruntime/provider.ts';
import type { SlotTimeouts } from './engine-slot.ts';
import type { EngineSettings } from './engine-types.ts';

export interface PoolSettings extends SlotTimeouts {
  /** One engine each */
  readonly engines: readonly EngineSettings[];
  readonly queueTimeoutMs: number;
  /** Panels of a bulk run while requests come in */
  readonly bulkBatch: number;
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
}

/** Settings of a pool from the configuration: an engine for each device, with all of the models. */
export function toPoolSettings(config: EngineConfig, models: readonly Model[]): PoolSettings {
  const { provider, threads, maxBatch, bulkBatch } = config;
  return {
    engines: config.devices.map((device) => ({ device, provider, threads, maxBatch, models })),
    bulkBatch,
    queueTimeoutMs: config.queueTimeoutSeconds * 1000,
    batchTimeoutMs: config.batchTimeoutSeconds * 1000,
    startTimeoutMs: config.startTimeoutSeconds * 1000,
  };
}
