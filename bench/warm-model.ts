import { type Config, readConfig } from '../src/config.ts';
import { ModelRuntime } from '../src/inference/engine/model-runtime.ts';
import type { Model } from '../src/model/model.ts';
import { findModel, modelRoots } from '../src/model/model-folders.ts';

export interface WarmModel {
  readonly config: Config;
  readonly model: Model;
  readonly runtime: ModelRuntime;
}

/** The model that the service serves by default, by the same settings, in this process. */
export async function warmModel(): Promise<WarmModel> {
  const config = readConfig();
  const model = await findModel(config.models[0]!, modelRoots(config.home));
  const options = { provider: 'cpu', device: config.devices[0]!, threads: config.threads } as const;
  return { config, model, runtime: await ModelRuntime.load(model, options, config.maxBatch) };
}
