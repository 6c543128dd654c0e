import { existsSync } from 'node:fs';
import { readSafetensors } from '../../../weights/safetensors-reader.ts';
import { writeSafetensors } from '../../../weights/safetensors-writer.ts';
import { WeightsError } from '../../../weights/weights-error.ts';
import { hashTensors } from '../../checkpoint/checkpoint-file.ts';
import { type TrainingPlan, trainingPaths } from '../../training-plan.ts';
import { type ClosedFormHead, type FitData, fitClosedFormHead } from './closed-form-head.ts';

/**
 * The fitted head of a training that begins with one, else undefined. It is kept in a file, so that a training that is resumed
 * does not fit again.
 * @param fingerprint of the training
 * @throws PanelvecError dataset_invalid; the signal's reason
 */
export async function fitInitialHead(
  { folder, model, options }: TrainingPlan,
  fingerprint: string,
  data: FitData,
  signal: AbortSignal,
): Promise<ClosedFormHead | undefined> {
  if (options.initial_head !== 'closed_form') return undefined;
  const { fittedHead: file } = trainingPaths(folder);
  const kept = await readFittedHead(file, fingerprint);
  if (kept !== undefined) return kept;
  const head = await fitClosedFormHead(data, model, options, signal);
  const notes = JSON.stringify(head.notes);
  await writeSafetensors(file, head.tensors, {
    training: fingerprint,
    notes,
    sha256: hashTensors(head.tensors, notes),
  });
  return head;
}

/** Undefined where there is none of this training, or where it is damaged: it is then fitted again. */
async function readFittedHead(file: string, fingerprint: string): Promise<ClosedFormHead | undefined> {
  if (!existsSync(file)) return undefined;
  try {
    const { tensors, metadata } = await readSafetensors(file);
    const notes = metadata['notes'] ?? '[]';
    const isIntact = metadata['training'] === fingerprint && metadata['sha256'] === hashTensors(tensors, notes);
    return isIntact ? { tensors, notes: JSON.parse(notes) } : undefined;
  } catch (error) {
    if (error instanceof WeightsError) return undefined;
    throw error;
  }
}
