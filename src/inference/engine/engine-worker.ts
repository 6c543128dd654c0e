/**
 * The thread of an engine process that owns the ONNX Runtime sessions of one device. `session.run` blocks it for the whole
 * inference; the process's main thread (main.ts) goes on receiving meanwhile.
 */
import { parentPort } from 'node:worker_threads';
import { firstLine, PanelvecError } from '../../errors.ts';
import { chooseProvider } from '../../onnxruntime/choose-provider.ts';
import type { FromEngine, ToEngine } from '../engine-messages.ts';
import type { EngineSettings } from '../engine-types.ts';
import { ModelRuntime } from './model-runtime.ts';

const runtimes = new Map<string, ModelRuntime>();

function send(message: FromEngine): void {
  parentPort!.postMessage(message);
}

async function start(settings: EngineSettings): Promise<void> {
  const info = await chooseProvider(settings);
  const options = { provider: info.provider, device: settings.device, threads: settings.threads };
  for (const model of settings.models) {
    runtimes.set(model.id, await ModelRuntime.load(model, options, settings.maxBatch));
  }
  send({ type: 'ready', info });
}

async function handle(message: ToEngine): Promise<void> {
  if (message.type === 'start') {
    await start(message.settings).catch((error: unknown) => {
      const code = error instanceof PanelvecError ? error.code : 'model_invalid';
      send({ type: 'refused', code, message: firstLine(error) });
    });
    return;
  }
  const { id, model, items } = message;
  try {
    const startedAt = performance.now();
    const results = await runtimes.get(model)!.run(items);
    send({ type: 'done', id, results, seconds: (performance.now() - startedAt) / 1000 });
  } catch (error) {
    send({ type: 'failed', id, message: firstLine(error) });
  }
}

// One batch after the other: the api sends the next while one runs, and two runs would fight for the same cores.
let previousTask: Promise<void> = Promise.resolve();
parentPort!.on('message', (message: ToEngine) => {
  previousTask = previousTask.then(() => handle(message));
});
