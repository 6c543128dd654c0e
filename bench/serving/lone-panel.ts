/**
 * Child process that sends one request at a time, and computes the same pictures itself, in turn. Argument: threads of the
 * engine that it is compared with.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { decodePicture } from '../../src/preprocess/image/decode-image.ts';
import { loadServedModel } from '../bench-models.ts';
import { assertAllOk, latencyMs } from '../load/attempt.ts';
import { PanelRequests } from '../load/panel-requests.ts';
import { RequestSender } from '../load/request-sender.ts';
import { handleRequests, sendReady } from '../runner/child-processes.ts';

export interface LonePanelRequest {
  readonly address: string;
  readonly pictures: number;
}

export interface LonePanelTimes {
  /** Milliseconds to decode and to run the model */
  readonly computed: number;
  /** Milliseconds from the request to the end of the response */
  readonly requested: number;
}

/** Threads of ONNX Runtime look for work for a while after a run, which would slow down whoever is next. */
const PAUSE_MS = 20;

const [threads] = process.argv.slice(2);
const { config, model, runtime } = await loadServedModel(Number(threads));
const requests = await PanelRequests.open('image');

handleRequests<LonePanelRequest, readonly LonePanelTimes[]>(async ({ address, pictures }) => {
  const sender = new RequestSender(address);
  const times: LonePanelTimes[] = [];
  while (times.length < pictures) {
    const payload = requests.next();
    const start = performance.now();
    const pixels = await decodePicture(payload.body, model.spec.vision, config);
    await runtime.run([{ pixels, tokens: null, composition: null, outputs: ['fused'] }]);
    const computed = performance.now() - start;
    await delay(PAUSE_MS);
    const { attempt } = await sender.send(payload.path, payload);
    assertAllOk([attempt]);
    times.push({ computed, requested: latencyMs(attempt) });
    await delay(PAUSE_MS);
  }
  await sender.close();
  return times;
});
sendReady();
