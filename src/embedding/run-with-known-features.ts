import { type PanelvecError, withParam } from '../errors.ts';
import type { EngineItem, EngineOutput, EngineResult } from '../inference/engine-types.ts';
import { freeBuffers } from '../util/free-buffers.ts';
import type { ClaimedFeatures, FeatureMemory, Features, KnownFeatures } from './feature-memory.ts';
import { assertNotCancelled } from './input-preparer.ts';
import { isPictureMissing, neededKeys, type PanelSource } from './panel-source.ts';

type Run = (item: EngineItem) => Promise<EngineResult>;

/**
 * Runs a panel through the engines, which compute only the features that the memory lacks. If they are being computed for another
 * panel, this one waits for them; it computes them itself if the other is given up.
 * @throws PanelvecError as the engines and the decoder, naming the field
 */
export async function runWithKnownFeatures(
  panel: PanelSource,
  outputs: readonly EngineOutput[],
  memory: FeatureMemory,
  run: Run,
  signal: AbortSignal,
): Promise<EngineResult> {
  const keys = neededKeys(panel, outputs);
  let claim = panel.claim ?? memory.claim(keys);
  while (claim.kind === 'awaited') {
    await waitUnlessAborted(claim.settled, signal).catch((error: PanelvecError) => {
      const isPicture = error.code === 'image_unreadable';
      throw withParam(error, isPicture ? (panel.picture?.field ?? panel.param) : panel.param);
    });
    assertNotCancelled(signal);
    claim = memory.claim(keys);
  }
  try {
    const result = await runClaimed(panel, outputs, claim, memory.isEnabled, run, signal);
    if (claim.kind === 'claimed') claim.finish(computedFeatures(panel, result));
    return result;
  } catch (error) {
    if (claim.kind === 'claimed') claim.fail(error);
    throw error;
  }
}

async function runClaimed(
  { picture, textKey, tokens, composition }: PanelSource,
  outputs: readonly EngineOutput[],
  claim: KnownFeatures | ClaimedFeatures,
  wantsFeatures: boolean,
  run: Run,
  signal: AbortSignal,
): Promise<EngineResult> {
  const vision = picture?.key === undefined ? undefined : claim.known.get(picture.key);
  const texts = textKey === undefined ? undefined : claim.known.get(textKey);
  const zeroShot = (vision ?? texts)?.[ZERO_SHOT];
  if (zeroShot) return { vectors: { zero_shot: zeroShot }, gateWeights: null, backboneWeights: null };
  const text = texts?.[TEXT];
  const pixels = picture && isPictureMissing(picture, claim) ? await picture.decode(signal) : null;
  try {
    return await run({
      pixels,
      tokens: text ? null : tokens,
      composition,
      outputs,
      known: { ...(vision && { vision }), ...(text && { text }) },
      wantsFeatures,
    });
  } finally {
    freeBuffers([pixels]);
  }
}

/** Names of features that are not those of a backbone. */
const TEXT = 'text';
const ZERO_SHOT = 'zero_shot';

function computedFeatures(
  { picture, textKey }: PanelSource,
  { features, vectors }: EngineResult,
): ReadonlyMap<string, Features> {
  const computed = new Map<string, Features>();
  const add = (key: string | undefined, values: Features | undefined) => {
    if (key !== undefined && values !== undefined) computed.set(key, values);
  };
  if (vectors.zero_shot) {
    add(picture?.key ?? textKey, { [ZERO_SHOT]: vectors.zero_shot });
  } else {
    add(picture?.key, features?.vision);
    add(textKey, features?.text && { [TEXT]: features.text });
  }
  return computed;
}

/** Waits for a promise, or until the signal is aborted. Resolves in both cases. */
async function waitUnlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  const stop = () => resolve();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
