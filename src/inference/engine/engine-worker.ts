/**
 * The thread of an engine process that owns the ONNX Runtime sessions of one device. `session.run` blocks it for the whole
 * inference; the process's main thread (engine-main.ts) receives the next batch meanwhile.
 */
import pLimit from 'p-limit';
import { firstLine, PanelvecError } from '../../errors.ts';
import { chooseProvider } from '../../onnxruntime/choose-provider.ts';
import type { ChosenProvider } from '../../onnxruntime/provider.ts';
import { parentPortEndpoint } from '../../process/endpoint.ts';
import { serveRpc } from '../../process/rpc.ts';
import type { BatchResult, EngineBatch, EngineMethods } from '../engine-messages.ts';
import type { EngineSettings } from '../engine-types.ts';
import { ModelRuntime } from './model-runtime.ts';

const runtimes = new Map<string, ModelRuntime>();

async function start({ models, provider, device, threads, maxBatch }: EngineSettings): Promise<ChosenProvider> {
  try {
    const chosen = await chooseProvider({ provider, device });
    for (const model of models) {
      const options = { provider: chosen.provider, device, threads };
      runtimes.set(model.id, await ModelRuntime.load(model, options, maxBatch));
    }
    return chosen;
  } catch (error) {
    throw error instanceof PanelvecError ? error : new PanelvecError('model_invalid', firstLine(error));
  }
}

async function run({ model, items }: EngineBatch): Promise<BatchResult> {
  const startTime = performance.now();
  try {
    const runtime = runtimes.get(model);
    if (runtime === undefined) throw new Error(`the engine has no model ${model}`);
    const results = await runtime.run(items);
    return { results, seconds: (performance.now() - startTime) / 1000 };
  } catch (error) {
    throw new PanelvecError('inference_failed', firstLine(error));
  }
}

// One batch after the other: the service sends the next while one runs, and two runs would compete for the same cores.
const oneAtATime = pLimit(1);
serveRpc<EngineMethods>(parentPortEndpoint(), {
  start: (settings) => oneAtATime(start, settings),
  run: (batch) => oneAtATime(run, batch),
});
