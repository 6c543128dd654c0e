import type { TrainingPage, TrainingSet } from '../data/training-set.ts';
import type { TrainingOptions } from '../training-spec.ts';
import { batchFeeds, type Feeds } from './batch-feeds.ts';
import type { LearningRates, StepResult, TrainableModel } from './trainable-model.ts';

/** Messages of ONNX Runtime where memory is not enough: of its CPU allocator, of C++, of the GPU providers. */
const OUT_OF_MEMORY_MESSAGE =
  /bad_alloc|bad allocation|out of memory|failed to allocate|BFCArena|CUDA_ERROR_OUT_OF_MEMORY/i;

export interface TrainStepOptions {
  readonly options: Pick<TrainingOptions, 'seed' | 'dropout' | 'modality_dropout' | 'views' | 'texts'>;
  /** From 0 */
  readonly step: number;
  readonly learningRates: LearningRates;
  /** Pages that are computed at a time */
  readonly microBatchSize: number;
  warn(message: string): void;
}

export interface TrainStepResult extends StepResult {
  /** As given, or smaller where memory was not enough */
  readonly microBatchSize: number;
}

/** Takes one step over the pages of a batch. Where memory is not enough, halves the micro-batches and tries again. */
export async function trainStep(
  trainableModel: TrainableModel,
  trainingSet: TrainingSet,
  pages: readonly TrainingPage[],
  { options, step, learningRates, microBatchSize: initialSize, warn }: TrainStepOptions,
): Promise<TrainStepResult> {
  const feedOptions = {
    dropouts: trainableModel.dropouts,
    dropout: options.dropout,
    modalityDropout: options.modality_dropout,
    views: options.views,
    texts: options.texts,
  };
  for (let microBatchSize = initialSize; ; ) {
    try {
      const microBatches: Feeds[] = [];
      for (let offset = 0; offset < pages.length; offset += microBatchSize) {
        const microBatch = pages.slice(offset, offset + microBatchSize);
        microBatches.push(await batchFeeds(trainingSet, microBatch, feedOptions, [options.seed, step, offset]));
      }
      return { ...(await trainableModel.step(microBatches, learningRates)), microBatchSize };
    } catch (error) {
      if (!isOutOfMemory(error) || microBatchSize === 1) throw error;
      microBatchSize = Math.ceil(microBatchSize / 2);
      warn(
        `memory was not enough at step ${step + 1}: batches are computed ${microBatchSize} pages at a time from here on`,
      );
    }
  }
}

/** Whether an error of ONNX Runtime says that memory was not enough. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && OUT_OF_MEMORY_MESSAGE.test(error.message);
}
